module averment/interop/second

go 1.21
