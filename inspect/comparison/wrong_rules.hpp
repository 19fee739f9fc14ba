#pragma once
// The wrong rules of the table in mistakes.cpp. Each adds the gradients that it gives in place of the right one, and
// nothing where the mistake cannot be made.

#include <xgrad/inspect/comparison/mistakes.hpp>

#include <algorithm>
#include <initializer_list>
#include <string_view>

namespace xgrad::detail
{

inline bool is_one_of(const std::string& name, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

// Functions of each element, products and quotients: wrong_elementwise.cpp

void missing_derivative(const Step& step, Wrongs& found);   // δ for f'(u)·δ, with an f' that varies
void missing_slope(const Step& step, Wrongs& found);        // the same for an f' that is constant
void derivative_at_output(const Step& step, Wrongs& found); // f'(f(u))
void derivative_at_input(const Step& step, Wrongs& found);  // the formula that reads f(u) is given u
void missing_factor(const Step& step, Wrongs& found);       // g for g·b
void missing_divisor(const Step& step, Wrongs& found);      // g for g/b
void missing_other_factor(const Step& step, Wrongs& found); // Σ g for Σ g·b, b broadcast
void wrong_quotient(const Step& step, Wrongs& found);       // of a/b with respect to b
void turned_sign(const Step& step, Wrongs& found);          // of a difference
void cross_entropy_sign(const Step& step, Wrongs& found);   // of a logarithm's sum
void diagonal_softmax(const Step& step, Wrongs& found);     // y(1 − y) for the Jacobian
void missing_term(const Step& step, Wrongs& found);         // 0 for a term of the loss
void turned_term(const Step& step, Wrongs& found);          // −g for a term of the loss

// What slides over images, and blocks: wrong_windows.cpp

void turned_kernel(const Step& step, Wrongs& found);  // one rot180 too many or too few
void valid_for_full(const Step& step, Wrongs& found); // zeros at the border
void same_for_full(const Step& step, Wrongs& found);  // zeros at half of the border
void wrong_window(const Step& step, Wrongs& found);   // another stride, dilation or padding
void shifted_by_one(const Step& step, Wrongs& found); // along an axis
void overwritten(const Step& step, Wrongs& found);    // = for += where windows overlap
void every_tie(const Step& step, Wrongs& found);      // δ to each maximum of a block
void whole_block(const Step& step, Wrongs& found);    // δ to each element of a block
void first_of_block(const Step& step, Wrongs& found); // δ to the first element of a block
void undivided_first_of_block(const Step& step, Wrongs& found);
void undivided_mean(const Step& step, Wrongs& found); // δ for δ/(n·m)

// Sums and matrix products: wrong_sums.cpp

void partial_sum(const Step& step, Wrongs& found);        // only some samples, rows or positions count
void partial_batch(const Step& step, Wrongs& found);      // only some samples get a gradient from the loss
void transposed_weights(const Step& step, Wrongs& found); // W for Wᵀ

} // namespace xgrad::detail
