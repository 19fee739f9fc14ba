#pragma once

namespace xgrad
{

/** Makes an op whose result is NaN or infinite throw NumericalError with its name, on every thread. This costs a pass
 *  over every result; `false` ends it. */
void detect_nonfinite(bool on);

} // namespace xgrad
