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
            "Mailbox_LinkBeforeExchange",
            "mailbox",
            "Mailbox.cs",
            "var previous = Atomic.Exchange(ref _tail, node);",
            "var previous = Atomic.Read(ref _tail); Atomic.Write(ref _tail, node);",
            "M1, M4: two senders may see the same previous node."),
    ];
}
