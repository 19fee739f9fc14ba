#pragma once

/** Arms a fault of the system calls that write files, from the next call on: "kill N" ends the process by SIGKILL
 *  before call N; "half N" ends it in the middle of call N, if that writes; "full N" lets call N and all after it
 *  find the disk full; "term N" sends SIGTERM before call N. Calls are counted from 1. In a process that preloads this
 *  library, the variable XGRAD_FAULT does the same. */
extern "C" void xgrad_fault(const char* text);
