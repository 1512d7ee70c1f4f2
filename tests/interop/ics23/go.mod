module averment/interop/ics23

go 1.21
