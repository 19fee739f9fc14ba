#include <xgrad/base/workers.hpp>
#include <xgrad/kernels/blas/library.hpp>

#include <cstdlib>
#include <mutex>
#include <string_view>

#ifdef XGRAD_CBLAS
#include <dlfcn.h>
#include <sys/mman.h>
#ifdef __linux__
#include <sched.h>
#endif
#endif

namespace xgrad::kernels::blas
{

#ifdef XGRAD_CBLAS
namespace
{

/** Lets this thread run on one processor only. OpenBLAS starts a thread with a buffer for each processor that it may
 *  use, when it is loaded, and waits for ever if there is no memory for them. We call it from our own threads and need
 *  none of its. */
class OneProcessor
{
#ifdef __linux__
  public:
    OneProcessor() : changed_(sched_getaffinity(0, sizeof(before_), &before_) == 0)
    {
        cpu_set_t one;
        CPU_ZERO(&one);
        const int here = sched_getcpu();
        CPU_SET(static_cast<unsigned>(here < 0 ? 0 : here), &one);
        changed_ = changed_ && sched_setaffinity(0, sizeof(one), &one) == 0;
    }
    OneProcessor(const OneProcessor&) = delete;
    OneProcessor& operator=(const OneProcessor&) = delete;
    ~OneProcessor()
    {
        if (changed_)
            sched_setaffinity(0, sizeof(before_), &before_);
    }

  private:
    cpu_set_t before_;
    bool changed_;
#endif
};

/** Returns whether there are addresses for OpenBLAS and a buffer of 128 MB for each thread. Without them it would try
 *  for ever to get them. */
bool has_room()
{
    const std::size_t bytes = (threads() + 1) << 27;
    void* const room = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return room != MAP_FAILED && munmap(room, bytes) == 0;
}

void* load()
{
    const char* const asked = std::getenv("XGRAD_PRODUCT");
    if (asked != nullptr && std::string_view(asked) == "own")
        return nullptr;
    [[maybe_unused]] const OneProcessor while_loading;
    return has_room() ? dlopen(XGRAD_CBLAS, RTLD_NOW | RTLD_LOCAL) : nullptr;
}

} // namespace

void* address_of(const char* function)
{
    static void* const library = load();
    return library != nullptr ? dlsym(library, function) : nullptr;
}
#else
void* address_of(const char*) { return nullptr; }
#endif

namespace
{

std::mutex mutex;
int users = 0, threads_before = 1;

} // namespace

OneThread::OneThread()
{
    static const auto get = find<int (*)()>("openblas_get_num_threads");
    static const auto set = find<void (*)(int)>("openblas_set_num_threads");
    const std::lock_guard lock(mutex);
    if (users++ == 0 && get != nullptr && set != nullptr && (threads_before = get()) > 1)
        set(1);
}

OneThread::~OneThread()
{
    static const auto set = find<void (*)(int)>("openblas_set_num_threads");
    const std::lock_guard lock(mutex);
    if (--users == 0 && threads_before > 1)
        set(threads_before);
}

} // namespace xgrad::kernels::blas
