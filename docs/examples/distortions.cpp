#include <xgrad/xgrad.hpp>

#include <iostream>
#include <string>

using namespace xgrad;

namespace
{

/** Rows 2r and 2r + 1 of an image as characters, the darker the more ink. */
std::string row_of(const Array<float>& images, std::size_t n, std::size_t r)
{
    std::string row;
    for (std::size_t j = 0; j < 28; ++j) {
        const float ink = (images(n, 0, 2 * r, j) + images(n, 0, 2 * r + 1, j)) / 2;
        row += " .:+#"[static_cast<std::size_t>(4.99f * ink)];
    }
    return row;
}

} // namespace

int main()
{
    //! [distort]
    const Dataset sample = load_dataset("mnist-sample");
    const Preparation preparation{.padding = 0, .background = 0, .foreground = 1};
    const Array<float> digits = sample.train.batches(8, preparation)[0].images;

    Random random(1);
    const Distortion distortion{.rotation = 15, .elastic = 1.2}; // more than the defaults, to be clearly visible
    Array<float> one = digits, another = digits;
    distort(one, distortion, preparation.background, random);
    distort(another, distortion, preparation.background, random);
    //! [distort]
    constexpr std::size_t shown = 4;
    for (std::size_t r = 0; r < 14; ++r)
        std::cout << row_of(digits, shown, r) << "|" << row_of(one, shown, r) << "|" << row_of(another, shown, r)
                  << "|\n";
}
