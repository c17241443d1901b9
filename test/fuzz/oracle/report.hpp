// report: what a run has found, counted and printed.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "random_case.hpp"
#include "trial.hpp"

namespace accord::oracle {

struct case_id {
  std::uint64_t seed = 0;
  long table = 0, change = 0;
  std::string focus;
  std::string text() const;  // s:t:c f
};

struct judged_change {
  case_id id;
  const std::string& level;  // of the contract
  const random_schema& schema;
  const random_change& change;
  const trial& of;
  judgement j;
};

// The verdict as it would be without this rule, as far as that is sure: whom no other rule that was named can reach is not named.
void switch_off(judged_change&, const std::string& rule);

class report {
 public:
  struct of_rule {
    long hits = 0, alone = 0;
    case_id guarded;  // the first that it guards alone
    std::set<std::string> beside;
  };

  void count(judged_change);
  void only_beside_others(const std::string& doubt);  // that did not come again alone
  void fault(const std::string& what) { faults_[what]++; }
  long table_done() { return ++tables_; }
  long cases() const { return cases_; }
  std::map<std::string, long> hits() const;
  const std::map<std::string, of_rule>& rules() const { return rules_; }
  bool print(double seconds);  // is all well?

 private:
  void show(const char* what, const judged_change&, const judged&);

  std::map<std::string, of_rule> rules_;
  std::map<std::string, long> misses_, unnamed_, false_alarms_, reasons_, faults_, kinds_;
  long tables_ = 0, cases_ = 0, changes_ = 0, refusals_ = 0, verdicts_ = 0, hit_ = 0, named_ = 0, false_named_ = 0, false_refusals_ = 0,
       beside_ = 0;
  long shown_ = 0;
};

// From the environment.
long number(const char* name, long otherwise);
std::string word(const char* name);

}  // namespace accord::oracle
