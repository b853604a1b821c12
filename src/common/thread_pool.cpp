#include "common/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <pthread.h>
#include <system_error>
#include <thread>

#include "common/cpu_count.h"

namespace sbert::common {
namespace {

// One call of run(). Workers that come late find `next` at `count` and leave; the shared_ptr keeps it alive for them.
struct Job {
  Job(size_t n, const std::function<void(size_t)>& f) : count(n), task(f) {}

  void work() {
    for (size_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      try {
        task(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        next.store(count);
      }
    }
  }

  const size_t count;
  const std::function<void(size_t)>& task;  // valid while the caller waits: only touched for an index below count
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::condition_variable idle;
  size_t helpers = 0;  // threads inside work() besides the caller; guarded by mutex
  std::exception_ptr error;
};

}  // namespace

struct ThreadPool::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::shared_ptr<Job>> queue;  // one entry per helper that a job may still get
  size_t threads_wanted = 0;               // 0: default
  size_t threads_started = 0;
  size_t default_threads = default_thread_count();

  size_t limit() const { return threads_wanted != 0 ? threads_wanted : default_threads; }

  // Starts threads until there are `wanted`, or as many as the system gives: those there are do the work.
  void start_threads(size_t wanted) {
    try {
      for (; threads_started < wanted; ++threads_started) std::thread([this] { helper_loop(); }).detach();
    } catch (const std::system_error&) {
    }
  }

  void helper_loop() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return !queue.empty(); });
      const std::shared_ptr<Job> job = std::move(queue.front());
      queue.pop_front();
      {
        const std::lock_guard job_lock(job->mutex);
        ++job->helpers;
      }
      lock.unlock();
      job->work();
      {
        const std::lock_guard job_lock(job->mutex);
        if (--job->helpers == 0) job->idle.notify_all();
      }
      lock.lock();
    }
  }
};

namespace {
std::atomic<ThreadPool*> the_pool{nullptr};
}  // namespace

ThreadPool::ThreadPool() : state_(new State) {}

ThreadPool& ThreadPool::instance() {
  static std::once_flag once;
  std::call_once(once, [] {
    the_pool = new ThreadPool;
    // The threads do not exist in the child of a fork, and its copy of the mutex may be locked: start anew there.
    pthread_atfork(nullptr, nullptr, [] {
      ThreadPool* parent = the_pool.load();
      auto* child = new ThreadPool;
      child->state_->threads_wanted = parent->state_->threads_wanted;
      the_pool = child;
    });
  });
  return *the_pool.load();
}

size_t ThreadPool::num_threads() const {
  const std::lock_guard lock(state_->mutex);
  return state_->limit();
}

void ThreadPool::set_num_threads(size_t threads) {
  constexpr size_t kMost = 1024;
  const std::lock_guard lock(state_->mutex);
  state_->threads_wanted = std::min(threads, kMost);
}

void ThreadPool::run(size_t count, const std::function<void(size_t)>& task) {
  if (count == 0) return;
  const auto job = std::make_shared<Job>(count, task);
  if (count > 1) {
    const std::lock_guard lock(state_->mutex);
    const size_t helpers = std::min(state_->limit(), count) - 1;
    state_->start_threads(helpers);
    for (size_t i = 0; i < std::min(helpers, state_->threads_started); ++i) {
      state_->queue.push_back(job);
      state_->wake.notify_one();
    }
  }
  job->work();
  {
    // Entries that no helper has taken yet are not needed any more.
    const std::lock_guard lock(state_->mutex);
    std::erase(state_->queue, job);
  }
  std::unique_lock lock(job->mutex);
  job->idle.wait(lock, [&] { return job->helpers == 0; });
  if (job->error) std::rethrow_exception(job->error);
}

}  // namespace sbert::common
