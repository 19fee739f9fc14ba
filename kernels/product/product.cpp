#include <xgrad/base/error.hpp>
#include <xgrad/kernels/blas/library.hpp>
#include <xgrad/kernels/pieces.hpp>
#include <xgrad/kernels/product/product.hpp>

#include <cstdlib>
#include <limits>
#include <string>
#include <type_traits>

#ifdef XGRAD_ONEDNN
#include <dnnl.h>
#endif
#ifdef XGRAD_CBLAS
#include <cblas.h>
#endif

#ifdef XGRAD_ONEDNN
// oneDNN would start threads of its own inside our workers. The functions are weak, because it chooses the runtime that
// it is linked with.
extern "C" {
[[gnu::weak]] int omp_get_max_threads();
[[gnu::weak]] void omp_set_num_threads(int);
}
#endif

namespace xgrad::kernels
{
namespace
{

enum class Backend : unsigned char
{
    fastest,
    own,
    onednn,
    cblas
};

Backend asked_for()
{
    const char* name = std::getenv("XGRAD_PRODUCT");
    if (name == nullptr || *name == '\0')
        return Backend::fastest;
    std::string choices = "own";
    if (std::string("own") == name)
        return Backend::own;
#ifdef XGRAD_ONEDNN
    if (std::string("onednn") == name)
        return Backend::onednn;
    choices += ", onednn";
#endif
#ifdef XGRAD_CBLAS
    if (std::string("cblas") == name)
        return Backend::cblas;
    choices += ", cblas";
#endif
    throw Error("[product] XGRAD_PRODUCT is '" + std::string(name) + "', but this build has: " + choices);
}

// Measured in GF/s on one core whose peak is 215, own / oneDNN 2.6 / OpenBLAS 0.3.21; float:
//   16×512×784 NT 129/112/62, 16×512×512 NN 166/175/95, 64×512×512 NN 141/178/140, 128³ 156/173/127, 256³ 158/179/150,
//   512³ 156–167/175/155, 1024³ 151/155/152; LeNet-5's: 16×100×150 NN 139/128/131, 16×120×400 NT 123/91/56
// double, own / OpenBLAS: 16×512×784 NT 76/36, 128³ 69/58, 512³ 68/68, 1024³ 63/72.
// dnnl_sgemm calls malloc once, so only large products use it: steady training steps must not allocate. OpenBLAS does
// not call malloc.
Backend fastest_for(const Product& s, [[maybe_unused]] bool is_float)
{
    [[maybe_unused]] const double multiply_adds =
        static_cast<double>(s.m) * static_cast<double>(s.n) * static_cast<double>(s.k);
#ifdef XGRAD_ONEDNN
    if (is_float && multiply_adds >= 1 << 24)
        return Backend::onednn;
#endif
#ifdef XGRAD_CBLAS
    if (!is_float && multiply_adds >= 1 << 29)
        return Backend::cblas;
#endif
    return Backend::own;
}

#ifdef XGRAD_ONEDNN
/** Limits OpenMP to one thread for calls from this thread. */
class OneOpenMPThread
{
  public:
    OneOpenMPThread()
    {
        if (omp_get_max_threads != nullptr && omp_set_num_threads != nullptr && (before_ = omp_get_max_threads()) > 1)
            omp_set_num_threads(1);
    }
    OneOpenMPThread(const OneOpenMPThread&) = delete;
    OneOpenMPThread& operator=(const OneOpenMPThread&) = delete;
    ~OneOpenMPThread()
    {
        if (before_ > 1)
            omp_set_num_threads(before_);
    }

  private:
    int before_ = 1;
};

bool product_by_onednn(const Product& s, const float* a, const float* b, float* c)
{
    const OneOpenMPThread one;
    const auto size = [](std::size_t n) { return static_cast<dnnl_dim_t>(n); };
    return dnnl_sgemm(s.transpose_a ? 'T' : 'N', s.transpose_b ? 'T' : 'N', size(s.m), size(s.n), size(s.k), 1.0f, a,
                      size(s.lda), b, size(s.ldb), s.accumulate ? 1.0f : 0.0f, c, size(s.ldc)) == dnnl_success;
}
bool product_by_onednn(const Product&, const double*, const double*, double*) { return false; }
#endif

#ifdef XGRAD_CBLAS
template <class T>
bool product_by_cblas(const Product& s, const T* a, const T* b, T* c)
{
    for (const std::size_t n : {s.m, s.n, s.k, s.lda, s.ldb, s.ldc})
        if (n > std::numeric_limits<int>::max())
            return false;
    constexpr bool is_float = sizeof(T) == sizeof(float);
    using Gemm = std::conditional_t<is_float, decltype(&cblas_sgemm), decltype(&cblas_dgemm)>;
    static const auto gemm = blas::find<Gemm>(is_float ? "cblas_sgemm" : "cblas_dgemm");
    if (gemm == nullptr)
        return false;
    const blas::OneThread one;
    const auto size = [](std::size_t n) { return static_cast<int>(n); };
    const auto order = [](bool transposed) { return transposed ? CblasTrans : CblasNoTrans; };
    gemm(CblasRowMajor, order(s.transpose_a), order(s.transpose_b), size(s.m), size(s.n), size(s.k), T(1), a,
         size(s.lda), b, size(s.ldb), s.accumulate ? T(1) : T(0), c, size(s.ldc));
    return true;
}
#endif

template <class T>
void product_by([[maybe_unused]] Backend backend, const Product& shape, const T* a, const T* b, T* c)
{
#ifdef XGRAD_ONEDNN
    if (backend == Backend::onednn && product_by_onednn(shape, a, b, c))
        return;
#endif
#ifdef XGRAD_CBLAS
    if (backend == Backend::cblas && product_by_cblas(shape, a, b, c))
        return;
#endif
    table<T>().product(shape, a, b, c);
}

} // namespace

template <class T>
void matrix_product(const Product& shape, const T* a, const T* b, T* c)
{
    static const Backend asked = asked_for();
    // The libraries reject empty products.
    const bool some = shape.m > 0 && shape.n > 0 && shape.k > 0;
    const Backend backend = !some                       ? Backend::own
                            : asked == Backend::fastest ? fastest_for(shape, sizeof(T) == sizeof(float))
                                                        : asked;
    constexpr std::size_t least = 128;
    const bool by_rows = shape.m >= shape.n;
    const std::size_t whole = by_rows ? shape.m : shape.n;
    const std::size_t pieces = pieces_for(shape.m * shape.n * shape.k, whole, least);
    detail::parallel_for(pieces, [&](std::size_t i) {
        const Range range = piece(i, pieces, whole);
        Product piece_shape = shape;
        (by_rows ? piece_shape.m : piece_shape.n) = range.size();
        const std::size_t to_a = by_rows ? range.begin * (shape.transpose_a ? 1 : shape.lda) : 0;
        const std::size_t to_b = by_rows ? 0 : range.begin * (shape.transpose_b ? shape.ldb : 1);
        const std::size_t to_c = range.begin * (by_rows ? shape.ldc : 1);
        product_by(backend, piece_shape, a + to_a, b + to_b, c + to_c);
    });
}

template void matrix_product(const Product&, const float*, const float*, float*);
template void matrix_product(const Product&, const double*, const double*, double*);

} // namespace xgrad::kernels
