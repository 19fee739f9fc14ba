#include "protocol.hpp"

#include <numeric>

namespace xgrad::gradbench
{

namespace
{

/** Minors of up to this size are computed as arrays of all products, 40 kB of them. */
constexpr std::size_t small = 7;
/** Larger ones than this are computed again in the backward pass, as the products of all do not fit into memory. */
constexpr std::size_t large = 9;

using Columns = std::vector<std::int32_t>;

/** The places, in a row and then its negative, of the factors of each step of an expansion by minors: for each choice
 *  of columns for the rows above, the columns that are left, with alternating signs. */
class Places
{
  public:
    explicit Places(std::size_t m) : of_row_(m), m_(m)
    {
        Columns all(m);
        std::iota(all.begin(), all.end(), 0);
        choose(all);
    }
    /** The places in one row, (choices, columns that are left). */
    Labels of_row(std::size_t row) const
    {
        const Columns& places = of_row_[row];
        Labels result(Shape{places.size() / (m_ - row), m_ - row});
        std::copy(places.begin(), places.end(), result.data());
        return result;
    }

  private:
    void choose(const Columns& left)
    {
        for (std::size_t j = 0; j < left.size(); ++j) {
            const bool negative = j % 2 == 1;
            of_row_[m_ - left.size()].push_back(left[j] + (negative ? static_cast<std::int32_t>(m_) : 0));
        }
        for (std::size_t j = 0; left.size() > 1 && j < left.size(); ++j) {
            Columns rest = left;
            rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(j));
            choose(rest);
        }
    }

    std::vector<Columns> of_row_;
    std::size_t m_;
};

/** The determinant of a matrix: from its last row up, the minors below each choice of columns. */
Variable<double> small_determinant(const Variable<double>& a)
{
    static const std::vector<std::vector<Labels>> all_places = [] {
        std::vector<std::vector<Labels>> result(small + 1);
        for (std::size_t m = 1; m <= small; ++m)
            for (std::size_t row = 0; row < m; ++row)
                result[m].push_back(Places(m).of_row(row));
        return result;
    }();
    const std::vector<Labels>& places = all_places[a.shape()[0]];
    const Variable<double> signed_rows = concatenate({a, -a}, 1);
    Variable<double> minors;
    for (std::size_t row = places.size(); row-- > 0;) {
        const Variable<double> factors = gather(view(signed_rows, row), places[row]);
        minors = row + 1 == places.size() ? squeeze(factors, 1) : sum(factors * reshape(minors, factors.shape()), {1});
    }
    return squeeze(minors, 0);
}

/** The determinant of the lowest rows of a, as many as there are columns. */
Variable<double> determinant(const Variable<double>& a, const Columns& columns)
{
    const std::size_t rows = a.shape()[0], m = columns.size();
    Labels left(Shape{m});
    std::copy(columns.begin(), columns.end(), left.data());
    if (m <= small)
        return small_determinant(gather(slice(a, 0, rows - m, rows), left, 1));
    Variables<double> terms;
    for (std::size_t j = 0; j < m; ++j) {
        Columns rest = columns;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(j));
        const auto minor = [rest](const Variable<double>& of) { return determinant(of, rest); };
        const Variable<double> term = view(a, rows - m, static_cast<std::size_t>(columns[j])) *
                                      (m - 1 == large ? checkpoint(minor, a) : minor(a));
        terms.push_back(j % 2 == 0 ? term : -term);
    }
    return sum(stack(terms));
}

Variable<double> determinant(const Variable<double>& a)
{
    Columns all(a.shape()[0]);
    std::iota(all.begin(), all.end(), 0);
    return determinant(a, all);
}

Shape shape_of(const json& input)
{
    const std::size_t ell = input.at("ell");
    return {ell, ell};
}

} // namespace

Eval det()
{
    const auto primal = [](const json& input) {
        return computation(
            [a = reshape(constant_of(input.at("A")), shape_of(input))] { return determinant(a).item(); });
    };
    const auto gradient = [](const json& input) {
        return computation([a = variable_of(input.at("A")), shape = shape_of(input)] {
            Tape tape;
            return tape.gradient(determinant(reshape(a, shape)), a);
        });
    };
    return {"det", {{"primal", primal}, {"gradient", gradient}}};
}

} // namespace xgrad::gradbench
