// Statements that are only recorded.  See handler.hpp.
#include "server/utility/handler.hpp"

#include "pg/pg.h"

namespace accord::utility {

namespace {

class kept_record : public judged {
 public:
  kept_record(std::string tag, std::string text) : tag_(std::move(tag)), text_(std::move(text)) {}
  void after() override { guard::record(0, tag_, text_); }

 private:
  std::string tag_, text_;
};

}  // namespace

std::unique_ptr<judged> recorded(std::string tag, std::string text) {
  return std::make_unique<kept_record>(std::move(tag), std::move(text));
}

}  // namespace accord::utility
