// What the battles module refuses, by the contract's codes.
#pragma once

#include "platform/api/refusal.hpp"

namespace wildnout::battles {

inline constexpr api::Refusal battle_not_active{409, "battle_not_active",
                                                "This battle does not take entries now"};
inline constexpr api::Refusal battle_not_voting{409, "battle_not_voting",
                                                "This battle does not take votes now"};
inline constexpr api::Refusal own_entry{409, "own_entry", "You cannot vote for your own entry"};
inline constexpr api::Refusal already_voted{409, "already_voted",
                                            "You have already voted for this entry"};
inline constexpr api::Refusal vote_limit_reached{409, "vote_limit_reached",
                                                 "You have no votes left in this battle"};
inline constexpr api::Refusal duplicate_entry{409, "duplicate_entry",
                                              "You have already entered this battle"};
inline constexpr api::Refusal battle_full{409, "conflict", "This battle has all its entries"};
inline constexpr api::Refusal too_many_drafts{409, "conflict",
                                              "You have 20 drafts in this battle already"};
inline constexpr api::Refusal too_late{409, "conflict", "It is too late to change this"};
inline constexpr api::Refusal not_a_draft{409, "conflict", "This entry is not a draft"};
inline constexpr api::Refusal results_not_ready{409, "conflict",
                                                "The results come when voting has ended"};
inline constexpr api::Refusal vote_voided{409, "conflict", "This vote was voided"};
inline constexpr api::Refusal already_certified{409, "conflict",
                                                "The result is certified: nothing changes it"};
inline constexpr api::Refusal not_examined{409, "conflict",
                                           "The detectors are still at work on this battle"};
inline constexpr api::Refusal already_proposed{409, "conflict",
                                               "A proposal for this vote is open already"};
inline constexpr api::Refusal proposal_decided{409, "conflict",
                                               "This proposal has been decided already"};
inline constexpr api::Refusal vote_is_voided{409, "conflict", "This vote is voided already"};
inline constexpr api::Refusal vote_counts{409, "conflict", "This vote counts: it is not voided"};
inline constexpr api::Refusal own_proposal{403, "forbidden",
                                           "Another person has to confirm what you proposed"};
inline constexpr api::Refusal invalid_transition{409, "invalid_transition",
                                                 "That is not the battle's next step"};
inline constexpr api::Refusal retraction_forbidden{403, "forbidden",
                                                   "Votes cannot be taken back in this battle"};
inline constexpr api::Refusal account_too_young{403, "forbidden",
                                                "Your account is too young for this battle"};

}  // namespace wildnout::battles
