#pragma once
// Numbers with one derivative, for plain loops that tests compare with.

#include <cmath>

namespace xgrad::test
{

/** A number and its derivative in one direction. */
struct DualNumber
{
    double value = 0, slope = 0;

    DualNumber() = default;
    DualNumber(double v, double s = 0) : value(v), slope(s) {}

    friend DualNumber operator+(DualNumber a, DualNumber b) { return {a.value + b.value, a.slope + b.slope}; }
    friend DualNumber operator-(DualNumber a, DualNumber b) { return {a.value - b.value, a.slope - b.slope}; }
    friend DualNumber operator-(DualNumber a) { return {-a.value, -a.slope}; }
    friend DualNumber operator*(DualNumber a, DualNumber b)
    {
        return {a.value * b.value, a.slope * b.value + a.value * b.slope};
    }
    friend DualNumber operator/(DualNumber a, DualNumber b)
    {
        return {a.value / b.value, (a.slope * b.value - a.value * b.slope) / (b.value * b.value)};
    }
    DualNumber& operator+=(DualNumber b) { return *this = *this + b; }
    DualNumber& operator-=(DualNumber b) { return *this = *this - b; }
    DualNumber& operator*=(DualNumber b) { return *this = *this * b; }
    friend bool operator<(DualNumber a, DualNumber b) { return a.value < b.value; }

    friend DualNumber exp(DualNumber a) { return {std::exp(a.value), std::exp(a.value) * a.slope}; }
    friend DualNumber log(DualNumber a) { return {std::log(a.value), a.slope / a.value}; }
    friend DualNumber sqrt(DualNumber a) { return {std::sqrt(a.value), a.slope / (2 * std::sqrt(a.value))}; }
    friend DualNumber sin(DualNumber a) { return {std::sin(a.value), std::cos(a.value) * a.slope}; }
    friend DualNumber cos(DualNumber a) { return {std::cos(a.value), -std::sin(a.value) * a.slope}; }
    friend DualNumber tanh(DualNumber a)
    {
        const double y = std::tanh(a.value);
        return {y, (1 - y * y) * a.slope};
    }
};

} // namespace xgrad::test
