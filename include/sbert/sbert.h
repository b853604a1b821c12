#pragma once

// All of the library: include this, or single headers.
#include <sbert/error.h>
#include <sbert/logging.h>
#include <sbert/quantization.h>
#include <sbert/runtime.h>
#include <sbert/sentence_transformer.h>
#include <sbert/similarity.h>
#include <sbert/tokenizer.h>
#include <sbert/types.h>
#include <sbert/version.h>
