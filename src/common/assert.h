#pragma once

// SBERT_ASSERT(condition): an invariant of our own, checked in debug and sanitizer builds only. What callers or files
// can get wrong throws instead.
#if defined(SBERT_ENABLE_ASSERT)
#include <cassert>
#undef NDEBUG
#include <cassert>
#define SBERT_ASSERT(condition) assert(condition)
#else
#define SBERT_ASSERT(condition) static_cast<void>(0)
#endif
