namespace Qi.Actors;

/// <summary>How far an actor's life has come. No mark: it is started, and nobody has asked it to stop.</summary>
[Flags]
internal enum LifeMarks : byte
{
    None = 0,

    /// <summary>The started hook has not run.</summary>
    NotStarted = 1 << 0,

    /// <summary>The mailbox still had its start mark when the owner last looked (M5): its first node is not known yet.</summary>
    Fresh = 1 << 1,

    /// <summary>The stop was seen.</summary>
    Ending = 1 << 2,

    /// <summary>The stopping hook was called.</summary>
    StoppingRun = 1 << 3,

    /// <summary>The stopped hook was called.</summary>
    StoppedRun = 1 << 4,

    /// <summary>An asynchronous handler or hook has not ended: the mailbox is held.</summary>
    Pending = 1 << 5,
}
