// The first example of the Sentence Transformers documentation:
//   ./quickstart models/all-MiniLM-L6-v2
#include <cstdio>
#include <exception>

#include <sbert/sbert.h>

int main(int argc, char** argv) {
  try {
    const sbert::SentenceTransformer model(argc > 1 ? argv[1] : "models/all-MiniLM-L6-v2");
    const auto embeddings = model.encode({
        "The weather is lovely today.",
        "It's so sunny outside!",
        "He drove to the stadium.",
    });
    std::printf("[%zu, %zu]\n", embeddings.rows(), embeddings.cols());

    const auto similarities = model.similarity(embeddings, embeddings);
    for (size_t i = 0; i < similarities.rows(); ++i) {
      const char* separator = "";
      for (const float score : similarities.row(i)) {
        std::printf("%s%.4f", separator, static_cast<double>(score));
        separator = " ";
      }
      std::printf("\n");
    }
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "quickstart: error: %s\n", e.what());
    return 1;
  }
}
