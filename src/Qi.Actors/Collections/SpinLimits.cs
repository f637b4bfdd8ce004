namespace Qi.Actors.Collections;

/// <summary>How often a loop looks again before it does something else; a pause lies between two looks.</summary>
internal static class SpinLimits
{
    /// <summary>For the link of a message whose sender stands between its exchange and its link. Then the turn ends.</summary>
    public const int MailboxLink = 200;

    /// <summary>For a slot of a run that was claimed and is not written. Then the turn ends.</summary>
    public const int RunSlot = 200;

    /// <summary>For the link of a control message. Then the queue counts as empty for now.</summary>
    public const int ControlLink = 64;

    /// <summary>For injected items and control messages, by a searching dispatcher. Then it looks at rings and at the clock again.</summary>
    public const int Search = 16;
}
