#pragma once

#if defined(_WIN32)
#if defined(SBERT_BUILDING)
#define SBERT_API __declspec(dllexport)
#else
#define SBERT_API __declspec(dllimport)
#endif
#else
#define SBERT_API __attribute__((visibility("default")))
#endif
