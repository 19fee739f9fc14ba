#include "ops.hpp"
#include <xgrad/ops/indexing.hpp>

using namespace xgrad;
using namespace xgrad::test;

namespace
{

Labels random_indices(const Shape& shape, std::size_t extent, unsigned seed = 1)
{
    std::mt19937 engine(seed);
    return generate<std::int32_t>(shape, [&](const Index&) { return engine() % extent; });
}

} // namespace

TEST_CASE_TEMPLATE("gather takes slices along every axis and adds their gradients up", T, float, double)
{
    for (const Shape& shape : {Shape{5}, Shape{1}, Shape{3, 4}, Shape{4, 1}, Shape{2, 3, 4}, Shape{3, 21}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            for (const std::size_t count : Sizes{0, 1, 3, 7}) {
                const Labels chosen = random_indices({count}, shape[axis]);
                const Array<T> x = numbers<T>(shape);
                Shape result = shape;
                result[axis] = count;
                const Array<T> g = numbers<T>(result, -2, 2, 2);
                Array<T> gradient(shape, T(0));
                const Array<T> expected = generate<T>(result, [&](Index i) {
                    const T upstream = at(g, i);
                    i[axis] = static_cast<std::size_t>(chosen.data()[i[axis]]);
                    at(gradient, i) += upstream;
                    return at(x, i);
                });
                for (const Axis place :
                     {static_cast<Axis>(axis), static_cast<Axis>(axis) - static_cast<Axis>(shape.size())}) {
                    check_equal(gather(constant(Array<T>(x)), chosen, place).value(), expected);
                    check_close(gradients_of<T>([&](const auto& v) { return gather(v[0], chosen, place); }, {x}, g)[0],
                                gradient);
                }
            }
}

TEST_CASE_TEMPLATE("scatter_add adds slices along every axis and gathers their gradients", T, float, double)
{
    for (const Shape& shape : {Shape{5}, Shape{1}, Shape{3, 4}, Shape{4, 1}, Shape{2, 3, 4}, Shape{3, 21}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            for (const std::size_t extent : Sizes{1, 3, 8}) {
                const Labels places = random_indices({shape[axis]}, extent);
                const Array<T> x = numbers<T>(shape);
                Shape result = shape;
                result[axis] = extent;
                const Array<T> g = numbers<T>(result, -2, 2, 2);
                Array<T> expected(result, T(0)), gradient(shape, T(0));
                for_each_index(shape, [&](const Index& i) {
                    Index target = i;
                    target[axis] = static_cast<std::size_t>(places.data()[i[axis]]);
                    at(expected, target) += at(x, i);
                    at(gradient, i) = at(g, target);
                });
                const auto f = [&](const auto& v) {
                    return scatter_add(v[0], places, extent, static_cast<Axis>(axis));
                };
                check_close(f(Variables<T>{constant(Array<T>(x))}).value(), expected);
                check_equal(gradients_of<T>(f, {x}, g)[0], gradient);
            }
}

TEST_CASE_TEMPLATE("indices of any rank take the place of their axis", T, float, double)
{
    for (const Shape& shape : {Shape{5}, Shape{3, 4}, Shape{2, 3, 4}, Shape{3, 0}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            for (const Shape& axes : {Shape{}, Shape{2}, Shape{2, 3}, Shape{0, 2}, Shape{1, 2, 1}}) {
                if (shape[axis] == 0)
                    continue;
                const Labels chosen = random_indices(axes, shape[axis]);
                Shape result(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis));
                for (const std::size_t extent : axes)
                    result.push_back(extent);
                for (std::size_t after = axis + 1; after < shape.size(); ++after)
                    result.push_back(shape[after]);
                const auto source = [&](const Index& i) {
                    const auto first = i.begin() + static_cast<std::ptrdiff_t>(axis),
                               last = first + static_cast<std::ptrdiff_t>(axes.size());
                    Index from(i.begin(), first);
                    from.push_back(static_cast<std::size_t>(at(chosen, Index(first, last))));
                    from.insert(from.end(), last, i.end());
                    return from;
                };
                const Array<T> x = numbers<T>(shape), part = numbers<T>(result, -2, 2, 2);
                const Array<T> taken = generate<T>(result, [&](const Index& i) { return at(x, source(i)); });
                Array<T> added(shape, T(0));
                for_each_index(result, [&](const Index& i) { at(added, source(i)) += at(part, i); });
                const Axis place = static_cast<Axis>(axis) - static_cast<Axis>(shape.size());
                const auto take = [&](const auto& v) { return gather(v[0], chosen, place); };
                const auto scatter = [&](const auto& v) { return scatter_add(v[0], chosen, shape[axis], place); };
                const auto add = [&](const auto& v) { return index_add(v[0], v[1], chosen, place); };
                const auto of = [](const Array<T>& a) { return constant(Array<T>(a)); };
                check_equal(take(Variables<T>{of(x)}).value(), taken);
                check_close(gradients_of<T>(take, {x}, part)[0], added);
                check_close(scatter(Variables<T>{of(part)}).value(), added);
                check_equal(gradients_of<T>(scatter, {part}, x)[0], taken);
                check_close(add(Variables<T>{of(x), of(part)}).value(), Array<T>(x + added));
                const auto gradients = gradients_of<T>(add, {x, part}, x);
                check_equal(gradients[0], x);
                check_equal(gradients[1], taken);
            }
}

TEST_CASE_TEMPLATE("take_, add_ and put_along_axis read and write one element for each index", T, float, double)
{
    for (const Shape& shape : {Shape{5}, Shape{3, 4}, Shape{2, 3, 4}, Shape{2, 0}})
        for (std::size_t axis = 0; axis < shape.size(); ++axis)
            for (const std::size_t count : Sizes{0, 1, 3, 6}) {
                if (shape[axis] == 0)
                    continue;
                Shape of_indices = shape;
                of_indices[axis] = count;
                const Labels chosen = random_indices(of_indices, shape[axis]);
                const auto source = [&](Index i) {
                    i[axis] = static_cast<std::size_t>(at(chosen, i));
                    return i;
                };
                const Array<T> x = numbers<T>(shape), part = numbers<T>(of_indices, -2, 2, 2);
                const Array<T> taken = generate<T>(of_indices, [&](const Index& i) { return at(x, source(i)); });
                Array<T> added = x, put = x, scattered(shape, T(0)), left = x, to_values(of_indices, T(0));
                for_each_index(of_indices, [&](const Index& i) {
                    at(added, source(i)) += at(part, i);
                    at(scattered, source(i)) += at(part, i);
                    at(put, source(i)) = at(part, i);
                    at(left, source(i)) = 0;
                });
                for_each_index(of_indices, [&](const Index& i) {
                    Index later = i;
                    bool is_last = true;
                    while (++later[axis] < count)
                        is_last = is_last && source(later) != source(i);
                    at(to_values, i) = is_last ? at(x, source(i)) : T(0);
                });
                const Axis place = static_cast<Axis>(axis) - static_cast<Axis>(shape.size());
                const auto take = [&](const auto& v) { return take_along_axis(v[0], chosen, place); };
                const auto add = [&](const auto& v) { return add_along_axis(v[0], v[1], chosen, place); };
                const auto replace = [&](const auto& v) { return put_along_axis(v[0], chosen, v[1], place); };
                const Variables<T> both = {constant(Array<T>(x)), constant(Array<T>(part))};
                check_equal(take(both).value(), taken);
                check_close(gradients_of<T>(take, {x}, part)[0], scattered);
                check_close(add(both).value(), added);
                check_equal(gradients_of<T>(add, {x, part}, x)[0], x);
                check_equal(gradients_of<T>(add, {x, part}, x)[1], taken);
                check_equal(replace(both).value(), put);
                check_equal(gradients_of<T>(replace, {x, part}, x)[0], left);
                check_equal(gradients_of<T>(replace, {x, part}, x)[1], to_values);
            }
    check_equal(take_along_axis(constant<T>({{3, 4}, {5, 6}}), indices({1, 0}, {2, 1})).value(),
                constant<T>({{4}, {5}}).value());
}

TEST_CASE_TEMPLATE("a mask chooses elements, and place writes them back", T, float, double)
{
    for (const Shape& shape : {Shape{}, Shape{6}, Shape{3, 4}, Shape{2, 0}, Shape{2, 3, 2}})
        for (const double threshold : {-3.0, 0.3, 3.0}) { // all, some, none
            const Array<T> x = numbers<T>(shape);
            std::vector<T> chosen, kept;
            Array<T> rest = x;
            for (T& each : rest)
                if (each > threshold) {
                    chosen.push_back(each);
                    each = 0;
                }
            Array<T> expected = empty_array<T>({chosen.size()});
            std::copy(chosen.begin(), chosen.end(), expected.begin());
            const Array<T> values = numbers<T>(expected.shape(), -2, 2, 2);
            Array<T> placed = rest, filled(shape, T(0));
            for (std::size_t i = 0, next = 0; i < x.size(); ++i)
                if (x.data()[i] > threshold)
                    placed.data()[i] = filled.data()[i] = values.data()[next++];
            const Mask mask = x > threshold;
            const auto of_mask = constant(Array<T>(xt::cast<T>(mask)));
            for (const bool is_variable : {true, false}) {
                const auto take = [&](const auto& v) {
                    return is_variable ? filter(v[0], of_mask) : filter(v[0], mask);
                };
                const auto put = [&](const auto& v) {
                    return is_variable ? place(v[0], of_mask, v[1]) : place(v[0], mask, v[1]);
                };
                const Variables<T> both = {constant(Array<T>(x)), constant(Array<T>(values))};
                check_equal(take(both).value(), expected);
                check_equal(put(both).value(), placed);
                check_equal(gradients_of<T>(take, {x}, values)[0], filled);
                check_equal(gradients_of<T>(put, {x, values}, x)[0], rest);
                check_equal(gradients_of<T>(put, {x, values}, x)[1], expected);
            }
        }
    const auto x = constant<T>({3, 1, 2});
    check_equal(filter(x, x.value() > 1).value(), list<T>({3, 2}));
}

TEST_CASE_TEMPLATE("take_last and place_last choose and fill one element of each row", T, float, double)
{
    for (const Shape& rows : {Shape{}, Shape{1}, Shape{4}, Shape{2, 3}, Shape{0}}) {
        const std::size_t classes = 5;
        Shape shape = rows;
        shape.push_back(classes);
        Labels chosen = random_indices(rows, classes);
        const Array<T> x = numbers<T>(shape), row_values = numbers<T>(rows, -2, 2, 2);
        const auto index_of = [&](Index i) {
            const std::int32_t label = at(chosen, i);
            i.push_back(static_cast<std::size_t>(label));
            return i;
        };
        Array<T> placed(shape, T(0));
        const Array<T> taken = generate<T>(rows, [&](const Index& i) {
            at(placed, index_of(i)) = at(row_values, i);
            return at(x, index_of(i));
        });
        const auto take = [&](const auto& v) { return take_last(v[0], chosen); };
        const auto place = [&](const auto& v) { return place_last(v[0], chosen, classes); };
        check_equal(take(Variables<T>{constant(Array<T>(x))}).value(), taken);
        check_equal(place(Variables<T>{constant(Array<T>(row_values))}).value(), placed);
        check_equal(gradients_of<T>(take, {x}, row_values)[0], placed);
        check_equal(gradients_of<T>(place, {row_values}, x)[0], taken);
    }
}

TEST_CASE_TEMPLATE("an index list may change after the op: the rule kept its own", T, float, double)
{
    const auto x = variable(list<T>({1, 2, 3}));
    Labels chosen = indices({2, 0});
    Tape tape;
    const auto y = gather(x, chosen);
    chosen.fill(1);
    check_equal(tape.vector_jacobian_product(y, constant(list<T>({5, 7})), x).value(), list<T>({7, 0, 5}));
}

TEST_CASE_TEMPLATE("indexing leaves NaN where it is", T, float, double)
{
    const auto x = constant(list<T>({not_a_number, 1, infinity}));
    check_equal(gather(x, indices({2, 0, 1})).value(), list<T>({infinity, not_a_number, 1}));
    check_equal(take_last(x, Labels(Shape{}, 1)).value(), Array<T>(Shape{}, T(1)));
    check_equal(scatter_add(x, indices({1, 0, 0}), 2).value(), list<T>({infinity, not_a_number}));
}

TEST_CASE_TEMPLATE("indices outside, and shapes that do not fit, are refused by name; nothing is recorded", T, float,
                   double)
{
    const auto x = leaf<T>({2, 3}), s = leaf<T>({});
    check_shape_error([&] { gather(x, indices({0, 2})); }, {"[gather]", "2", "1"});
    check_shape_error([&] { gather(x, indices({-1})); }, {"[gather]", "-1"});
    check_shape_error([&] { gather(x, indices({3}), 1); }, {"[gather]", "3", "2"});
    check_shape_error([&] { gather(x, indices({0}), 2); }, {"[gather]", "2"});
    check_shape_error([&] { gather(s, indices({0})); }, {"[gather]", "0"});
    check_shape_error([&] { gather(x, Labels(Shape{1, 1, 1, 1, 1, 1, 1, 1}, 0)); }, {"9"});
    check_shape_error([&] { scatter_add(x, indices({0}), 3); }, {"[scatter_add]", "(1)", "(2,3)"});
    check_shape_error([&] { scatter_add(x, indices({0, 3}), 3); }, {"[scatter_add]", "3", "2"});
    check_shape_error([&] { scatter_add(x, indices({0, -1}), 3); }, {"[scatter_add]", "-1"});
    check_shape_error([&] { scatter_add(x, indices({0, 1}, {1, 2}), 3); }, {"[scatter_add]", "(1,2)", "(2,3)"});
    check_shape_error([&] { scatter_add(x, indices({0, 1}), 3, -3); }, {"[scatter_add]", "-3"});
    check_shape_error([&] { scatter_add(s, indices({0}), 3); }, {"[scatter_add]", "(1)", "()"});
    check_shape_error([&] { index_add(x, s, indices({0})); }, {"[index_add]", "()", "(1)", "(2,3)"});
    check_shape_error([&] { take_along_axis(x, indices({0})); }, {"[take_along_axis]", "(1)", "(2,3)"});
    check_shape_error([&] { take_along_axis(x, indices({0}, {1, 1})); }, {"[take_along_axis]", "(1,1)", "(2,3)"});
    check_shape_error([&] { take_along_axis(x, indices({0, 3}, {2, 1})); }, {"[take_along_axis]", "3", "2"});
    check_shape_error([&] { take_along_axis(s, Labels(Shape{}, 0)); }, {"[take_along_axis]", "-1"});
    check_shape_error([&] { add_along_axis(x, s, indices({0, 2}, {2, 1})); }, {"[add_along_axis]", "()", "(2,1)"});
    check_shape_error([&] { put_along_axis(x, indices({0, 2}, {2, 1}), s); }, {"[put_along_axis]", "()", "(2,1)"});
    check_shape_error([&] { put_along_axis(x, indices({0, -1}, {2, 1}), x); }, {"[put_along_axis]", "-1"});
    check_shape_error([&] { filter(x, Mask{true, false}); }, {"[filter]", "(2)", "(2,3)"});
    check_shape_error([&] { place(x, Mask{true, false}, x); }, {"[place]", "(2)", "(2,3)"});
    check_shape_error([&] { place(x, Mask(Shape{2, 3}, true), leaf<T>({5})); }, {"[place]", "(5)", "6"});
    check_shape_error([&] { take_last(x, indices({0})); }, {"[take_last]", "(1)", "(2,3)"});
    check_shape_error([&] { take_last(x, indices({0, 3})); }, {"[take_last]", "3", "2"});
    check_shape_error([&] { take_last(x, indices({0, -7})); }, {"[take_last]", "-7"});
    check_shape_error([&] { take_last(s, indices({0})); }, {"[take_last]", "(1)", "()"});
    check_shape_error([&] { place_last(x, indices({0, 1}), 2); }, {"[place_last]", "(2)", "(2,3)"});
    check_shape_error([&] { place_last(leaf<T>({2}), indices({0, 2}), 2); }, {"[place_last]", "2", "1"});
}
