// constant.  See constant.hpp.
#include "rule/constant.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "core/name.hpp"
#include "core/text.hpp"

namespace accord::rule {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_one_of(char c, std::string_view of) {
  return of.find(c) != std::string_view::npos;
}

// 'it''s'::text, 7, '7'::integer: what stands between the quotes, or the number.
std::optional<std::string> value_of(std::string_view constant) {
  std::string value;
  if (constant.starts_with('\'')) {
    std::size_t at = 1;
    for (; at < constant.size(); at++) {
      if (constant[at] == '\'' && (at + 1 == constant.size() || constant[at + 1] != '\'')) break;
      if (constant[at] == '\'') at++;
      value += constant[at];
    }
    const std::string_view rest = constant.substr(std::min(at + 1, constant.size()));
    const bool only_a_cast = rest.empty() || (rest.starts_with("::") && std::all_of(rest.begin() + 2, rest.end(), [](char c) {
                                                return is_letter(c) || is_digit(c) || is_one_of(c, " .\"(),[]");
                                              }));
    return only_a_cast ? std::optional(value) : std::nullopt;
  }
  const bool number = !constant.empty() && constant.find_first_not_of("-0123456789.") == std::string_view::npos;
  return number ? std::optional(std::string(constant)) : std::nullopt;
}

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// column operator constant …, of a CHECK as it is deparsed or as people write it; parentheses and casts are left out.
struct comparison_with_constants {
  std::string operation;
  std::vector<std::string> constants;
};

class check_reader {
 public:
  check_reader(std::string_view check, std::string operand) : rest_(check), operand_(std::move(operand)) {}

  std::optional<comparison_with_constants> read() {
    if (rest_.starts_with("CHECK ")) rest_.remove_prefix(6);
    if (constexpr std::string_view suffix = " NOT VALID"; rest_.ends_with(suffix)) rest_.remove_suffix(suffix.size());
    if (!take_word(operand_)) return std::nullopt;
    comparison_with_constants c;
    if (take_word("IN")) c.operation = "=";
    skip();
    while (!rest_.empty() && is_one_of(rest_.front(), "<>=")) {
      c.operation += rest_.front();
      rest_.remove_prefix(1);
    }
    if (c.operation == "=" && take_word("ANY")) (void)take_word("ARRAY");
    for (skip(); !rest_.empty(); skip()) {
      auto constant = take_constant();
      if (!constant) return std::nullopt;
      c.constants.push_back(*constant);
    }
    return c.constants.empty() ? std::nullopt : std::optional(c);
  }

 private:
  // What binds, but says nothing here: parentheses, brackets, commas, and casts, whose types can have several words.
  void skip() {
    for (;;) {
      const std::size_t start = rest_.find_first_not_of(" ()[],");
      rest_.remove_prefix(std::min(start, rest_.size()));
      if (!rest_.starts_with("::")) return;
      rest_.remove_prefix(2);
      while (!rest_.empty() && (is_letter(rest_.front()) || is_digit(rest_.front()) || is_one_of(rest_.front(), "\". ")))
        rest_.remove_prefix(1);
    }
  }
  bool take_word(const std::string& word) {
    skip();
    if (!rest_.starts_with(word)) return false;
    if (word.size() < rest_.size() && (is_letter(rest_[word.size()]) || is_digit(rest_[word.size()]))) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<std::string> take_constant() {
    std::size_t end = 0;
    if (rest_.front() == '\'') {
      for (end = 1; end < rest_.size(); end++)
        if (rest_[end] == '\'' && (end + 1 == rest_.size() || rest_[++end] != '\'')) break;
    } else {
      end = std::min(rest_.find_first_not_of("-0123456789."), rest_.size());
    }
    if (!end) return std::nullopt;
    auto value = value_of(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return value;
  }

  std::string_view rest_;
  std::string operand_;
};

// Those of real are other ones in a comparison with another type.
bool is_number(const core::column_type& type) {
  return core::is_one_of(type.kind == "d" ? type.domain_base : type.base, {"smallint", "integer", "bigint", "numeric", "double precision"});
}
// Different texts are different values.
bool is_its_text(const core::column_type& type) {
  return type.collation.empty() &&
         (type.kind == "e" || core::is_one_of(type.kind == "d" ? type.domain_base : type.base, {"text", "character varying"}));
}

// Letters, digits and digits behind the point.
std::optional<std::size_t> decimals_in(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  return point == std::string_view::npos ? 0 : text.size() - point - 1;
}

// 02:03:04.5
bool is_time_of_day(std::string_view text) {
  return text.size() >= 5 && is_digit(text[0]) && is_digit(text[1]) && text[2] == ':' &&
         (text[0] < '2' || (text[0] == '2' && text[1] < '4')) && text.find_first_not_of("0123456789:.") == std::string_view::npos;
}

// The number behind the parenthesis, or behind the comma in it.
int modifier_in(const std::string& type, char before) {
  const std::size_t at = type.find(before);
  int value = 0;
  if (at != std::string::npos) (void)std::from_chars(type.data() + at + 1, type.data() + type.size(), value);
  return value;
}

}  // namespace

bool admits_default(std::string_view check, const core::column& column) {
  const auto& text = column.default_expression ? *column.default_expression : column.type.domain_default;
  if (column.generated || !column.identity.empty()) return false;
  const auto value = value_of(text);
  if (!value) return false;
  std::optional<comparison_with_constants> read;
  for (const std::string& operand : {core::quote_identifier(column.name), core::in_quotes(column.name), std::string("VALUE")})
    if (!read) read = check_reader(check, operand).read();
  if (!read) return false;
  const auto& [operation, constants] = *read;
  if (operation == "=") return std::find(constants.begin(), constants.end(), *value) != constants.end();
  if (constants.size() != 1) return false;
  if (is_its_text(column.type)) return operation == "<>" && constants[0] != *value;
  const auto left = number_in(*value), right = number_in(constants[0]);
  if (!is_number(column.type) || !left || !right) return false;
  return operation == "<>"   ? *left != *right
         : operation == "<"  ? *left < *right
         : operation == "<=" ? *left <= *right
         : operation == ">"  ? *left > *right
         : operation == ">=" ? *left >= *right
                             : false;
}

bool survives(std::string_view constant, const core::column_type& to) {
  const auto value = value_of(constant);
  if (!value) return false;
  const std::string& type = to.kind == "d" ? to.domain_base : to.text;
  const std::string& base = to.kind == "d" ? to.domain_base : to.base;
  if (base == "name") return value->size() < 64;
  if (base.starts_with("time without")) return is_time_of_day(*value);
  if (base.starts_with("timestamp") || base == "date") {
    const std::size_t time = value->find(' '), point = value->find('.');
    if (base == "date") return time == std::string::npos || value->substr(time) == " 00:00:00";
    const std::size_t zone = std::min(value->find('+'), value->find('-', time == std::string::npos ? 0 : time));
    return point == std::string::npos || type.find('(') == std::string::npos ||
           std::min(zone, value->size()) - point - 1 <= static_cast<std::size_t>(modifier_in(type, '('));
  }
  const auto decimals = decimals_in(*value);
  if (!decimals) return false;
  // Digits that are added show in the text.
  if (base.starts_with("numeric"))
    return type.find('(') == std::string::npos || *decimals == static_cast<std::size_t>(modifier_in(type, ','));
  if (*decimals > 0 && value->ends_with('0') && (base == "real" || base == "double precision")) return false;  // nor are zeros kept
  const auto number = number_in(*value);
  if (base == "real") return number && static_cast<double>(static_cast<float>(*number)) == *number;
  if (base == "double precision") return value->size() <= 15;
  return *decimals == 0;
}

}  // namespace accord::rule
