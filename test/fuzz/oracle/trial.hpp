// trial: one table with a contract, its consumers and what their statements did before; and the judgement of changes of it.
//
// A trial is one transaction that is rolled back.  Each change is made twice from the same state: with the guard on, for its verdict, and
// with the guard off, to see what happens to the clients.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "observation.hpp"
#include "random_case.hpp"

namespace accord::oracle {

struct consumer {
  std::string name;
  core::strictness strictness = core::strictness::typed;
  bool reads = true;
  column_set columns = 0;
  bool all = true;
};

struct judged {
  std::string consumer;
  std::string evidence;  // what it noticed; empty: nothing
  bool named = false;    // the guard says that it is hit
};

struct judgement {
  bool applicable = false;  // PostgreSQL itself accepts the change
  bool refused = false;
  std::string fault;  // an error of the guard's that is no refusal
  std::string detail;
  std::set<std::string> rules;  // named in the refusal
  std::vector<judged> consumers;
};

class trial {
 public:
  // The statements make shop.t; `level` is that of its contract.
  trial(server&, const std::vector<std::string>& schema, std::string role, std::string level,
        std::vector<consumer> (*)(const table&, dice&), dice&);
  ~trial();
  trial(const trial&) = delete;
  trial& operator=(const trial&) = delete;

  judgement judge(const std::vector<std::string>& change);
  const table& of() const { return table_; }
  const std::vector<probe>& probes() const { return probes_; }
  const std::vector<outcome>& before() const { return before_; }
  const std::vector<consumer>& consumers() const { return consumers_; }
  std::vector<outcome> after;  // of the last judgement that was applicable

 private:
  // How many of the statements come to pass; the last of them may be one that the guard refuses.
  // Each time anew: the plan of a statement that a rule turned into nothing knows its table no more, and is never made again.
  void prepare();
  std::size_t ask_guard(const std::vector<std::string>& change, judgement&);

  server& s_;
  std::string role_, level_;
  table table_;
  std::vector<probe> probes_;
  reading then_;
  std::vector<outcome> before_;
  std::vector<consumer> consumers_;
};

// One for each strictness and side, and some that use a few columns only.
std::vector<consumer> all_kinds(const table&, dice&);

}  // namespace accord::oracle
