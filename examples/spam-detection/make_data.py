"""Make data/messages.csv: short invented messages, some of them spam.

Every message is put together from the phrases below, so nobody's real mail is in it. The same
seed always gives the same file:

    python make_data.py
"""

from __future__ import annotations

import argparse
import csv
import random
from pathlib import Path

HERE = Path(__file__).resolve().parent

PEOPLE = ["Mina", "Tom", "Aunt Ria", "Jonas", "Priya", "Leo", "Chen", "Sofia", "Dad", "Nora"]
PLACES = ["the library", "the station", "the lab", "our kitchen", "the pool", "the old bridge"]
TIMES = ["at six", "tomorrow", "on Friday", "after lunch", "tonight", "next week", "at half past"]
THINGS = ["the bike pump", "my charger", "the lecture notes", "a cake", "the tent", "your keys"]
SHOPS = ["Quickmart", "Zenphone", "LuckyBay", "Prime Perks", "GoldClub", "Travelo"]
PRIZES = ["a new phone", "a weekend in Rome", "500 points", "a gift card", "2 cinema tickets"]
LINKS = ["win-now.example", "claim.example/me", "bit.example/x7", "safe-login.example"]
MONEY = ["50", "100", "250", "900", "1500", "5000"]
MOODS = ["", "", "", " :)", " haha", " sorry!", " thanks", " x", "!"]

HAM = [
    "Are we still meeting at {place} {time}?",
    "I left {thing} at {place}, can you bring it {time}",
    "{person} says hi, and asks for {thing}",
    "The seminar moved to {place}, starts {time}",
    "Could you call {person} {time}? The number is on the fridge",
    "Train is late again, I am with you in {minutes} minutes",
    "Did the training run finish? Loss looked fine after epoch {minutes}",
    "Please push your notebook before you go, I want to try it {time}",
    "Happy birthday {person}! Party at {place} {time}",
    "I paid {money} for the tickets, you can send me half {time}",
    "Dinner {time}? {person} is cooking",
    "Can't find {thing}. Is it with you or with {person}",
    "Ok",
    "On my way",
    "Your reply came just now, I read it {time}",
    "Did you see the match? {person} cannot stop talking about it",
    "We got the keys to the flat! Moving {time}, bring {person}",
    "The dentist has a free slot {time}, shall I take it",
    "The museum is free on Sundays, {person} and I go {time}",
    "Reminder: return the books to {place} {time}",
    "{person} won the quiz, now we all owe {person} a drink",
    "My phone is nearly empty, talk {time}",
    "The bank closes early, so meet me at {place} instead",
    "Urgent: we are out of coffee. Can {person} stop at the shop {time}",
    "The slides are at notes.example/{minutes}, have a look {time}",
    "Your parcel is here, {person} put it in {place}. You owe me {money} cents",
    "FREE pizza at {place} {time}! Reply if you come",
    "{person} lost the phone, new number ends with {minutes}. Call {time}",
    "Two tickets left for the draw at school, only {money} each. Claim yours {time}!",
]

SPAM = [
    "You have WON {prize}! Reply YES {time} to claim it from {shop}",
    "{shop}: your account is on hold. Log in now at {link} to unlock it",
    "Congratulations! {prize} is waiting for you. Claim at {link}",
    "Borrow up to {money} today, no checks, cash in {minutes} minutes. Text LOAN",
    "FREE entry to the {shop} draw, win {money} every week. Text WIN to 80{minutes}",
    "Last chance: {shop} sale, everything 70% off, only {time}. {link}",
    "Urgent! Your parcel could not be delivered, pay {money} cents at {link}",
    "Hot tip: this share doubles {time}. Act now, limited places. {link}",
    "Your {shop} bonus of {money} expires {time}, call 0900 {minutes}{minutes} now",
    "Dear customer, confirm your card at {link} or it will be closed {time}",
    "Earn {money} a week from home, no skills needed, reply START",
    "Someone has a secret crush on you! Find out who at {link}",
    "Cheap ringtones and {prize}: text TONE to 80{minutes}, unsubscribe with STOP",
    "Hi, it's {person}, new number. Can you lend me {money} {time}? Pay here: {link}",
    "Hi, it's {person}. I lost my phone, could you send {money} {time}? I am at {place}",
    "Are you at home {time}? {person} told me about you, call 0900 {minutes}{minutes}",
    "We met at {place}, remember? I have {prize} for you, look at {link}",
]


def make_messages(count: int, spam_share: float, seed: int) -> list[tuple[str, str]]:
    """Return ``count`` different messages as (label, text), in random order."""
    dice = random.Random(seed)
    wanted = {"spam": round(count * spam_share)}
    wanted["ham"] = count - wanted["spam"]
    messages: list[tuple[str, str]] = []
    seen: set[str] = set()
    for label, templates in (("ham", HAM), ("spam", SPAM)):
        while wanted[label]:
            text = dice.choice(templates).format(
                person=dice.choice(PEOPLE),
                place=dice.choice(PLACES),
                time=dice.choice(TIMES),
                thing=dice.choice(THINGS),
                shop=dice.choice(SHOPS),
                prize=dice.choice(PRIZES),
                link=dice.choice(LINKS),
                money=dice.choice(MONEY),
                minutes=dice.randint(5, 59),
            )
            text += dice.choice(MOODS)
            if text not in seen:
                seen.add(text)
                messages.append((label, text))
                wanted[label] -= 1
    dice.shuffle(messages)
    return messages


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description="Make the messages of this example.")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--spam-share", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--output", type=Path, default=HERE / "data" / "messages.csv")
    options = parser.parse_args()

    messages = make_messages(options.count, options.spam_share, options.seed)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    with options.output.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "label", "text"])
        writer.writerows((number, *message) for number, message in enumerate(messages, 1))
    print(f"{len(messages)} messages in {options.output}")


if __name__ == "__main__":
    main()
