#pragma once
// XGRAD_FOR_EACH_TYPE(M) expands M(float) M(double): the scalar types that every op is compiled for.
#define XGRAD_FOR_EACH_TYPE(M) M(float) M(double)
