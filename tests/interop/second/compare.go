package main

func compareCommand(s schema, o options) {}
