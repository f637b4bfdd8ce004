namespace Qi.Actors.Collections;

/// <summary>Stands in for the figures of the runtime: short loops, so that their ends are reached by few steps.</summary>
internal static class SpinLimits
{
    public const int MailboxLink = 2;
    public const int RunSlot = 2;
    public const int ControlLink = 2;
    public const int Search = 2;
}
