#pragma once

namespace xgrad
{

/** With true, an op whose result is NaN or infinite throws NumericalError with its name, on every thread. Costs a pass
 *  over every result. */
void detect_nonfinite(bool on);

} // namespace xgrad
