namespace Qi.Actors.Model.Mutants;

/// <summary>Mutants of the mailboxes.</summary>
internal static class MailboxMutants
{
    public static Mutant[] All { get; } =
    [
        new(
            "Mailbox_IdleWithoutComparing",
            "mailbox",
            "Mailbox.cs",
            "return Atomic.CompareExchange(ref _tail, null, node) == node ? Advance.Idle : WaitForLink(ref node.Next, out next);",
            "return Atomic.Read(ref _tail) == node && Atomic.Exchange(ref _tail, null) is not null ? Advance.Idle : WaitForLink(ref node.Next, out next);",
            "M3: a sender that came between the look and the exchange is cut off."),
        new(
            "Mailbox_SendInTwoSteps",
            "mailbox",
            "Mailbox.cs",
            "var previous = Atomic.Exchange(ref _tail, node);",
            "var previous = Atomic.Read(ref _tail);\n        Atomic.Write(ref _tail, node);",
            "M1, M4: two senders may see the same node before theirs."),
        new(
            "Mailbox_StartIsLeftWithoutComparing",
            "mailbox",
            "Mailbox.cs",
            "if (_head is null && Atomic.CompareExchange(ref _tail, null, s_start) == s_start)\n            return Advance.Idle;",
            "if (Atomic.Read(ref _head) is null && Atomic.Exchange(ref _tail, null) is not null)\n            return Advance.Idle;",
            "M5: a sender that has replaced the start mark, and has not written the head yet, is cut off."),
        new(
            "Mailbox_FirstAfterStartIsLinkedToTheMark",
            "mailbox",
            "Mailbox.cs",
            "Atomic.Write(ref _head, node); // M5",
            "Atomic.Write(ref previous.Next, node);",
            "M5: the first node of a primed mailbox is handed over through the head."),
        new(
            "SystemQueue_HoldsOverAMessage",
            "system",
            "SystemQueue.cs",
            "public bool TryHold() => Atomic.CompareExchange(ref _top, s_held, null) is null;",
            "public bool TryHold() => Atomic.Read(ref _top) is null && Atomic.Exchange(ref _top, s_held) != s_held;",
            "S1: Held never covers a message."),
        new(
            "SystemQueue_WakesHeldTwice",
            "system",
            "SystemQueue.cs",
            "public bool TryWakeHeld() => Atomic.Read(ref _top) == s_held && Atomic.CompareExchange(ref _top, null, s_held) == s_held;",
            "public bool TryWakeHeld() => Atomic.Read(ref _top) == s_held && Atomic.Exchange(ref _top, null) is not null;",
            "S2: only who has replaced Held schedules the owner."),
        new(
            "SystemQueue_PushJudgesByTheFirstLook",
            "system",
            "SystemQueue.cs",
            """
                        message.Next = top == s_held ? null : top;
                        var before
            """,
            """
                        message.Next = top == s_held ? null : top;
                        top = Atomic.Read(ref _top);
                        var before
            """,
            "S4: a message is linked to those that it is put upon."),
    ];
}
