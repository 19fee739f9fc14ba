#include <xgrad/base/error.hpp>
#include <xgrad/formats/pixels.hpp>

#include <fmt/format.h>

#include <algorithm>

#ifdef XGRAD_PNG
#include <bit>
#include <csetjmp>
#include <cstring>
#include <png.h>
#include <vector>
#endif

namespace xgrad::detail
{

#ifdef XGRAD_PNG

namespace
{

/** The bytes for libpng's callbacks, and a place for its message. It reports errors by longjmp, which must not pass
 * over objects with destructors: the functions below that call libpng have none. */
struct Source
{
    const char* next;
    const char* end;
    char error[256] = "";
};

void read_bytes(png_structp png, png_bytep to, std::size_t count)
{
    auto* const source = static_cast<Source*>(png_get_io_ptr(png));
    if (count > static_cast<std::size_t>(source->end - source->next))
        png_error(png, "is cut off");
    std::memcpy(to, source->next, count);
    source->next += count;
}

[[noreturn]] void on_error(png_structp png, png_const_charp message)
{
    auto* const source = static_cast<Source*>(png_get_error_ptr(png));
    std::strncpy(source->error, message, sizeof(source->error) - 1);
    png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

/** An open image. */
class Decoder
{
  public:
    explicit Decoder(Source& source)
        : png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, on_error, on_warning)),
          info_(png_ != nullptr ? png_create_info_struct(png_) : nullptr)
    {
        if (png_ == nullptr)
            return;
        png_set_read_fn(png_, &source, read_bytes);
        png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX); // check_extents has bounds of its own
    }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    ~Decoder() { png_destroy_read_struct(&png_, &info_, nullptr); }

    explicit operator bool() const { return info_ != nullptr; }
    png_structp png() const { return png_; }
    png_infop info() const { return info_; }

  private:
    png_structp png_;
    png_infop info_;
};

bool read_header(png_structp png, png_infop info)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_read_info(png, info);
    return true;
}

/** Has libpng give 8 or 16 bits for each number, and rows in their places. A palette stays. */
bool set_up(png_structp png, png_infop info)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    if (png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE)
        png_set_packing(png);
    else
        png_set_expand(png);
    if (std::endian::native == std::endian::little)
        png_set_swap(png);
    png_set_interlace_handling(png);
    png_read_update_info(png, info);
    return true;
}

bool read_pixels(png_structp png, png_infop info, png_bytepp rows)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_read_image(png, rows);
    png_read_end(png, info);
    return true;
}

/** The colours of indices into the palette. libpng would take black for an index behind its end. */
Pixels of_palette(const Pixels& indices, png_structp png, png_infop info, const std::string& name)
{
    png_colorp colours = nullptr;
    png_bytep alphas = nullptr;
    int count = 0, alpha_count = 0;
    png_get_PLTE(png, info, &colours, &count);
    png_get_tRNS(png, info, &alphas, &alpha_count, nullptr);
    Pixels pixels{.height = indices.height, .width = indices.width, .channels = alphas != nullptr ? std::size_t{4} : 3};
    pixels.numbers = Buffer<std::uint8_t>(pixels.height * pixels.row_size());
    std::uint8_t* to = pixels.numbers.data();
    for (const std::uint8_t index : indices.numbers) {
        if (index >= count)
            fail_on_image(name, fmt::format("has the colour {} of a palette of {}: it is damaged", index, count));
        *to++ = colours[index].red;
        *to++ = colours[index].green;
        *to++ = colours[index].blue;
        if (alphas != nullptr)
            *to++ = index < alpha_count ? alphas[index] : std::uint8_t{255};
    }
    return pixels;
}

} // namespace

Pixels read_png(std::string_view file, const std::string& name)
{
    Source source{file.data(), file.data() + file.size()};
    const Decoder decoder(source);
    if (!decoder)
        fail_on_image(name, "cannot be read: libpng refuses to start, or the memory is full");
    const png_structp png = decoder.png();
    const png_infop info = decoder.info();
    const auto require = [&](bool done) {
        if (!done)
            fail_on_image(name, fmt::format("is damaged or cut off (libpng says: {})", source.error));
    };
    require(read_header(png, info));
    constexpr std::uint64_t deflated = 1032, bits_of_byte = 8; // the most that a byte holds
    const std::uint64_t bits = std::uint64_t{png_get_bit_depth(png, info)} * png_get_channels(png, info);
    check_extents(name, png_get_image_height(png, info), png_get_image_width(png, info), file.size(),
                  deflated * bits_of_byte / std::max<std::uint64_t>(bits, 1));
    const bool has_palette = png_get_color_type(png, info) == PNG_COLOR_TYPE_PALETTE;
    require(set_up(png, info));

    Pixels pixels{.height = png_get_image_height(png, info),
                  .width = png_get_image_width(png, info),
                  .channels = png_get_channels(png, info),
                  .bytes = png_get_bit_depth(png, info) == 16 ? std::size_t{2} : 1};
    if (png_get_rowbytes(png, info) != pixels.row_size())
        fail_on_image(name, "has rows of another size than its pixels: it is damaged");
    pixels.numbers = Buffer<std::uint8_t>(pixels.height * pixels.row_size());
    std::vector<png_bytep> rows(pixels.height);
    for (std::size_t i = 0; i < pixels.height; ++i)
        rows[i] = pixels.numbers.data() + i * pixels.row_size();
    require(read_pixels(png, info, rows.data()));
    if (has_palette)
        return of_palette(pixels, png, info, name);
    return pixels;
}

#else

Pixels read_png(std::string_view, const std::string& name)
{
    fail_on_image(name, "is a PNG image, and this xgrad was built without libpng: install libpng-dev and build it "
                        "again, or convert the image to PGM or PPM");
}

#endif

} // namespace xgrad::detail
