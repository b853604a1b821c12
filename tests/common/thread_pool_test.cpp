#include "common/thread_pool.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <gtest/gtest.h>
#include <mutex>
#include <numeric>
#include <stdexcept>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "common/cpu_count.h"

namespace sbert::common {
namespace {

class ThreadPoolTest : public testing::Test {
 protected:
  ~ThreadPoolTest() override { pool.set_num_threads(0); }
  ThreadPool& pool = ThreadPool::instance();
};

TEST_F(ThreadPoolTest, RunsEveryIndexOnce) {
  for (const size_t threads : {1, 2, 3, 8}) {
    pool.set_num_threads(threads);
    for (const size_t count : {0, 1, 2, 3, 7, 8, 9, 1000}) {
      std::vector<std::atomic<int>> runs(count);
      pool.run(count, [&](size_t i) { ++runs.at(i); });
      for (size_t i = 0; i < count; ++i) ASSERT_EQ(runs[i], 1) << threads << " threads, index " << i << " of " << count;
    }
  }
}

TEST_F(ThreadPoolTest, UsesItsThreadsAtOnceAndNoMore) {
  for (const size_t threads : {1, 2, 4}) {
    pool.set_num_threads(threads);
    std::mutex mutex;
    std::condition_variable changed;
    size_t inside = 0, most = 0;
    pool.run(4 * threads, [&](size_t) {
      std::unique_lock lock(mutex);
      most = std::max(most, ++inside);
      changed.notify_all();
      // Waits for company, so that the threads meet however slowly they start; not forever, should they not.
      changed.wait_for(lock, std::chrono::seconds(10), [&] { return most == threads; });
      --inside;
    });
    EXPECT_EQ(most, threads);
  }
}

TEST_F(ThreadPoolTest, OneThreadIsTheCallerInOrder) {
  pool.set_num_threads(1);
  const auto caller = std::this_thread::get_id();
  std::vector<size_t> order;
  pool.run(50, [&](size_t i) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    order.push_back(i);
  });
  std::vector<size_t> ascending(50);
  std::iota(ascending.begin(), ascending.end(), 0);
  EXPECT_EQ(order, ascending);
}

TEST_F(ThreadPoolTest, RethrowsAndStartsNothingMore) {
  for (const size_t threads : {1, 2, 4}) {
    pool.set_num_threads(threads);
    constexpr size_t kCount = 100000, kBad = 10;
    std::atomic<size_t> started = 0;
    try {
      pool.run(kCount, [&](size_t i) {
        ++started;
        if (i == kBad) throw std::runtime_error("task " + std::to_string(i));
        if (i > kBad) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "task 10");
    }
    // Other threads may be at work while the exception flies, but all the rest stays undone.
    EXPECT_LT(started, threads == 1 ? kBad + 2 : kCount / 10);
    std::atomic<size_t> runs = 0;
    pool.run(100, [&](size_t) { ++runs; });
    EXPECT_EQ(runs, 100u) << "the pool must work again";
  }
}

TEST_F(ThreadPoolTest, RethrowsOneOfManyExceptions) {
  pool.set_num_threads(4);
  for (int round = 0; round < 200; ++round) {
    EXPECT_THROW(pool.run(8, [](size_t i) { throw std::out_of_range(std::to_string(i)); }), std::out_of_range);
  }
}

TEST_F(ThreadPoolTest, MayBeUsedInsideATask) {
  pool.set_num_threads(4);
  std::atomic<size_t> runs = 0;
  pool.run(8, [&](size_t) { pool.run(8, [&](size_t) { pool.run(3, [&](size_t) { ++runs; }); }); });
  EXPECT_EQ(runs, 8u * 8u * 3u);
  EXPECT_THROW(pool.run(4, [&](size_t) { pool.run(4, [](size_t) { throw std::runtime_error("inside"); }); }),
               std::runtime_error);
}

TEST_F(ThreadPoolTest, MayBeUsedBySeveralThreadsAtOnce) {
  pool.set_num_threads(3);
  std::vector<std::thread> callers;
  std::vector<size_t> sums(8);
  for (size_t caller_number = 0; caller_number < sums.size(); ++caller_number) {
    callers.emplace_back([&, caller_number] {
      for (size_t round = 0; round < 200; ++round) {
        std::atomic<size_t> sum = 0;
        pool.run(20, [&](size_t i) { sum += i; });
        sums[caller_number] += sum;
      }
    });
  }
  for (std::thread& thread : callers) thread.join();
  EXPECT_EQ(sums, std::vector<size_t>(8, 200 * 190));
}

TEST_F(ThreadPoolTest, NumThreadsIsTheDefaultOrWhatIsSet) {
  EXPECT_EQ(pool.num_threads(), default_thread_count());
  pool.set_num_threads(3);
  EXPECT_EQ(pool.num_threads(), 3u);
  pool.set_num_threads(1);
  EXPECT_EQ(pool.num_threads(), 1u);
  pool.set_num_threads(SIZE_MAX);
  EXPECT_EQ(pool.num_threads(), 1024u);
  pool.set_num_threads(0);
  EXPECT_EQ(pool.num_threads(), default_thread_count());
}

// The exit code of a forked child that runs `body`.
template <typename Body>
int run_in_child(Body body) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::alarm(60);  // a hang must end the child
    int code = 99;
    try {
      code = body();
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_F(ThreadPoolTest, WorksInTheChildOfAFork) {
  pool.set_num_threads(3);
  pool.run(10, [](size_t) {});  // its threads run now, and are not in the child
  const auto sum_in_child = [] {
    ThreadPool& child = ThreadPool::instance();
    if (child.num_threads() != 3) return 1;
    std::atomic<size_t> sum = 0;
    for (int round = 0; round < 50; ++round) child.run(10, [&](size_t i) { sum += i; });
    return sum == 50 * 45 ? 0 : 2;
  };
  EXPECT_EQ(run_in_child(sum_in_child), 0);
  EXPECT_EQ(run_in_child([&] { return run_in_child(sum_in_child); }), 0) << "in a child of the child";
}

TEST_F(ThreadPoolTest, WorksInTheChildOfAForkFromInsideATask) {
  pool.set_num_threads(3);
  std::atomic<int> bad = 0;
  pool.run(6, [&](size_t) {
    bad += run_in_child([] {
             std::atomic<int> runs = 0;
             ThreadPool::instance().run(10, [&](size_t) { ++runs; });
             return runs == 10 ? 0 : 1;
           }) != 0;
  });
  EXPECT_EQ(bad, 0);
}

// Where the system has no thread to give, the work is done by those there are.
TEST_F(ThreadPoolTest, GoesOnWithoutThreads) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need the address space that this test takes away";
#endif
  const int code = run_in_child([] {
    const rlimit none{.rlim_cur = 0, .rlim_max = RLIM_INFINITY};
    if (::setrlimit(RLIMIT_AS, &none) != 0) return 1;  // no stack can be mapped any more
    ThreadPool& child = ThreadPool::instance();
    child.set_num_threads(200);  // more than the stacks that a thread of before may have left
    std::atomic<int> runs = 0;
    child.run(1000, [&](size_t) { ++runs; });
    return runs == 1000 ? 0 : 2;
  });
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace sbert::common
