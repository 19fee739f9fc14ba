message(FATAL_ERROR "this is a module of the project around xgrad")
