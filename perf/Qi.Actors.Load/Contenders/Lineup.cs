namespace Qi.Actors.Load.Contenders;

/// <summary>Who takes part.</summary>
internal static class Lineup
{
    /// <summary>Chooses contenders by their words; all, if there are none. Qi takes part always.</summary>
    /// <param name="words">As they stand on the command line.</param>
    /// <param name="folder">Where the peers are.</param>
    /// <param name="patience">How long a peer may take to say who it is.</param>
    /// <param name="say">Gets a line for each peer that does not take part although it might have.</param>
    public static IReadOnlyList<Contender> Choose(string[] words, PeerFolder folder, TimeSpan patience, Action<string> say)
    {
        string[] installed = [.. folder.Installed];
        string[] known = [.. DotNetContenders.All.Select(contender => contender.Key), .. PeerFolder.Known.Union(installed, StringComparer.Ordinal)];
        foreach (string word in words.Except(known, StringComparer.Ordinal))
            throw new UsageException($"--peers has '{word}', which nobody is called. There are: {string.Join(", ", known)}.");

        bool IsWanted(string key) => words.Length == 0 || words.Contains(key, StringComparer.Ordinal);
        var peers = new List<Contender>();
        foreach (string key in known.Skip(DotNetContenders.All.Count).Where(IsWanted))
        {
            if (!installed.Contains(key, StringComparer.Ordinal))
                say($"{key} is skipped: it is not installed. Build it with perf/peers/build.sh.");
            else if (TryOpen(folder, key, patience, say) is { } peer)
                peers.Add(peer);
        }

        return
        [
            .. DotNetContenders.All.Where(contender => contender.IsQi),
            .. peers,
            .. DotNetContenders.All.Where(contender => !contender.IsQi && IsWanted(contender.Key)),
        ];
    }

    private static Contender? TryOpen(PeerFolder folder, string key, TimeSpan patience, Action<string> say)
    {
        try
        {
            return folder.Open(key, patience);
        }
        catch (ContenderException e)
        {
            say($"{key} is skipped: it does not introduce itself. {e.Message}");
            return null;
        }
    }
}
