// One visitor out of several lambdas, for std::visit.
#pragma once

namespace accord::core {

template <typename... Handlers>
struct overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
overloaded(Handlers...) -> overloaded<Handlers...>;

}  // namespace accord::core
