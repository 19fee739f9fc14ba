#include <xgrad/base/error.hpp>
#include <xgrad/formats/pixels.hpp>

#include <fmt/format.h>

#ifdef XGRAD_JPEG
#include <csetjmp>
#include <cstdio> // jpeglib.h needs it, and does not include it
#include <jerror.h>
#include <jpeglib.h>
#endif

namespace xgrad::detail
{

#ifdef XGRAD_JPEG

namespace
{

/** The place to go to after an error, and its message. libjpeg reports errors by a function that must not return: this
 * one calls longjmp, which must not pass over objects with destructors. The functions below that call libjpeg have
 * none. */
struct Errors
{
    jpeg_error_mgr manager; // first: libjpeg has a pointer to it
    std::jmp_buf place;
    char message[JMSG_LENGTH_MAX] = "";
};

[[noreturn]] void on_error(j_common_ptr codec)
{
    auto* const errors = reinterpret_cast<Errors*>(codec->err);
    codec->err->format_message(codec, errors->message);
    std::longjmp(errors->place, 1);
}

/** Makes errors of the warnings that pixels were lost or made up. */
void on_message(j_common_ptr codec, int level)
{
    if (level >= 0)
        return;
    switch (codec->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_TOO_MUCH_DATA:
        return;
    default:
        on_error(codec);
    }
}

void print_nothing(j_common_ptr) {}

/** Stops a file that has scans without end, each of which is a pass over all pixels. */
void on_progress(j_common_ptr codec)
{
    constexpr int most_scans = 64;
    if (reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number > most_scans)
        ERREXIT(codec, JERR_BAD_PROGRESSION);
}

/** An open image. */
class Decoder
{
  public:
    Decoder()
    {
        codec_.err = jpeg_std_error(&errors_.manager);
        errors_.manager.error_exit = on_error;
        errors_.manager.emit_message = on_message;
        errors_.manager.output_message = print_nothing;
        progress_.progress_monitor = on_progress;
    }
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    ~Decoder() { jpeg_destroy_decompress(&codec_); }

    const jpeg_decompress_struct& codec() const { return codec_; }
    const char* error() const { return errors_.message; }

    bool read_header(const unsigned char* bytes, unsigned long count)
    {
        if (setjmp(errors_.place) != 0)
            return false;
        jpeg_create_decompress(&codec_);
        codec_.progress = &progress_;
        jpeg_mem_src(&codec_, bytes, count);
        jpeg_read_header(&codec_, TRUE);
        return true;
    }

    /** @param numbers  of height rows of width pixels of 1 or 3 channels */
    bool read_pixels(std::uint8_t* numbers, std::size_t row_size)
    {
        if (setjmp(errors_.place) != 0)
            return false;
        jpeg_start_decompress(&codec_);
        while (codec_.output_scanline < codec_.output_height) {
            JSAMPROW row = numbers + codec_.output_scanline * row_size;
            jpeg_read_scanlines(&codec_, &row, 1);
        }
        jpeg_finish_decompress(&codec_);
        return true;
    }

    void set_colours(J_COLOR_SPACE space) { codec_.out_color_space = space; }

  private:
    jpeg_decompress_struct codec_ = {};
    Errors errors_ = {};
    jpeg_progress_mgr progress_ = {};
};

} // namespace

Pixels read_jpeg(std::string_view file, const std::string& name)
{
    Decoder decoder;
    const auto require = [&](bool done) {
        if (!done)
            fail_on_image(name, fmt::format("is damaged or cut off (libjpeg says: {})", decoder.error()));
    };
    require(decoder.read_header(reinterpret_cast<const unsigned char*>(file.data()), file.size()));
    const jpeg_decompress_struct& codec = decoder.codec();
    constexpr std::uint64_t pixels_of_byte = 8 * DCTSIZE2; // a block of pixels takes a bit or more
    check_extents(name, codec.image_height, codec.image_width, file.size(), pixels_of_byte);
    if (codec.num_components != 1 && codec.num_components != 3)
        fail_on_image(name,
                      fmt::format("has {} channels, such as CMYK: convert it to grey or RGB", codec.num_components));
    Pixels pixels{.height = codec.image_height,
                  .width = codec.image_width,
                  .channels = static_cast<std::size_t>(codec.num_components)};
    decoder.set_colours(pixels.channels == 1 ? JCS_GRAYSCALE : JCS_RGB);
    pixels.numbers = Buffer<std::uint8_t>(pixels.height * pixels.row_size());
    require(decoder.read_pixels(pixels.numbers.data(), pixels.row_size()));
    return pixels;
}

#else

Pixels read_jpeg(std::string_view, const std::string& name)
{
    fail_on_image(name, "is a JPEG image, and this xgrad was built without libjpeg: install libjpeg-dev and build it "
                        "again, or convert the image to PGM or PPM");
}

#endif

} // namespace xgrad::detail
