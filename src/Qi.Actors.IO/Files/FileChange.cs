namespace Qi.Actors.IO;

/// <summary>What has become of a file.</summary>
public enum FileChangeKind
{
    /// <summary>It was made, or moved here from where nobody watches, perhaps in place of another one.</summary>
    Created,

    /// <summary>Its content was changed.</summary>
    Written,

    /// <summary>Its rights, its owner or its times were changed.</summary>
    Attributes,

    /// <summary>It was moved: from <see cref="FileChange.OldPath"/>.</summary>
    Renamed,

    /// <summary>It was deleted, or moved to where nobody watches; or it was watched itself, and is no longer mounted.</summary>
    Deleted,

    /// <summary>Changes were lost, since they came faster than they were taken, or a folder below was unmounted: look at everything below <see cref="FileChange.Path"/> anew.</summary>
    Overflow,

    /// <summary>
    /// To actors only: the watcher has ended, for what it watched is gone, as it has told before, or the system's queue of changes is broken. Look at everything below
    /// <see cref="FileChange.Path"/> anew, and start another watcher.
    /// </summary>
    Ended,
}

/// <summary>A change of a file or a folder.</summary>
/// <param name="Kind">What has become of it.</param>
/// <param name="Path">Its full path; of an overflow or the end, what is watched.</param>
/// <param name="OldPath">Where it was before it was renamed; else null.</param>
/// <param name="IsFolder">True for a folder.</param>
public readonly record struct FileChange(FileChangeKind Kind, string Path, string? OldPath = null, bool IsFolder = false);

/// <summary>What a <see cref="FileWatcher"/> watches.</summary>
public sealed record FileWatcherOptions
{
    /// <summary>Whether folders below are watched too, also those that are made later. Default: no.</summary>
    public bool IsRecursive { get; init; }

    /// <summary>How many changes wait at most to be taken; then they are lost, and an overflow takes their place. Default 4096; at least 1.</summary>
    public int Capacity { get; init; } = 4096;

    internal void Validate()
    {
        if (Capacity < 1)
            throw Refusal.Of(nameof(Capacity), Capacity, "1 and more");
    }
}
