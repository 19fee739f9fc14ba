// The table of usual mistakes: a row a mistake, the special ones first.
#include <xgrad/inspect/comparison/wrong_rules.hpp>

namespace xgrad::detail
{

namespace
{

const Mistake mistakes[] = {
    // clang-format off
    {"cross-entropy-sign", "the sign of the cross-entropy is wrong, in {place}", false, cross_entropy_sign},
    {"diagonal-softmax", "only the diagonal of softmax's Jacobian is there, in {place}: −y_i·y_k is missing", false, diagonal_softmax},
    {"every-tie", "every element that equals its block's maximum gets the gradient instead of only one of them, in {place}", false, every_tie},
    {"whole-block", "every element of a block gets the gradient instead of its maximum alone, in {place}", false, whole_block},
    {"missing-derivative", "f' is missing in {place}: the gradient is passed on unchanged", false, missing_derivative},
    {"derivative-at-the-output", "f' is taken at the output f(u) instead of the input u, in {place}", false, derivative_at_output},
    {"derivative-at-the-input", "the formula for f' that takes the output f(u) is given the input u, in {place}", false, derivative_at_input},
    {"quotient", "{what} in the gradient of the denominator of {place}", false, wrong_quotient},
    {"missing-other-factor", "the other factor is missing in the gradient of {input}: the upstream gradient alone is summed, in {place}", false, missing_other_factor},
    {"convolution-for-correlation", "there is one rot180 of the kernel too many or too few on the way back through {place}", false, turned_kernel},
    {"valid-for-full", "the product is 'valid' where 'full' is meant, on the way back through {place}", false, valid_for_full},
    {"valid-for-full", "the product is 'same' where 'full' is meant, on the way back through {place}", false, same_for_full},
    {"stride-and-padding", "{what} on the way back through {place}", false, wrong_window},
    {"shifted", "the gradient is shifted by one {what} on the way back through {place}: perhaps the padding is on the wrong side", false, shifted_by_one},
    {"overwritten", "{what} on the way back through {place}: an = in place of a +=", false, overwritten},
    {"transposed-weights", "{what} and its transpose are exchanged on the way back through {place}", false, transposed_weights},
    {"missing-upsampling", "only the first element of each block gets the gradient: the upsampling is missing in {place}", false, first_of_block},
    {"missing-upsampling", "only the first element of each block gets the gradient, undivided: the upsampling is missing in {place}", false, undivided_first_of_block},
    {"missing-sum", "{what}, in {place}", false, partial_sum},
    {"missing-sum", "{what}, in {place}", false, partial_batch},
    {"missing-penalty", "a term of the loss is missing: {input}", false, missing_term},
    {"missing-penalty", "the sign of a term of the loss is wrong: {input}", false, turned_term},
    {"missing-factor", "the 1/(n·m) of the mean over a block is missing in {place}", true, undivided_mean},
    {"missing-factor", "the factor is missing in {place}: perhaps a β", true, missing_factor},
    {"missing-factor", "the factor is missing in {place}: perhaps a 1/N", true, missing_divisor},
    {"missing-derivative", "f' is missing in {place}: the gradient is passed on unchanged", true, missing_slope},
    {"factor", "the sign is wrong in {place}", true, turned_sign},
    // clang-format on
};

} // namespace

std::span<const Mistake> usual_mistakes() { return mistakes; }

} // namespace xgrad::detail
