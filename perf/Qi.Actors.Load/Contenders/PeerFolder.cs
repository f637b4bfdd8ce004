using Qi.Actors.Workloads;

namespace Qi.Actors.Load.Contenders;

/// <summary>The peers that are programs of their own: executables in a folder, which <c>perf/peers/build.sh</c> fills.</summary>
internal sealed class PeerFolder
{
    /// <summary>The peers that the build makes; others in the folder take part too.</summary>
    public static readonly IReadOnlyList<string> Known = ["tokio", "tokio-jemalloc", "go", "erlang", "c"];

    private static readonly string s_place = Path.Combine("perf", "peers", "bin");

    private readonly string? _folder;

    public PeerFolder(string? folder)
    {
        if (folder is not null && !Directory.Exists(folder))
            throw new UsageException($"--peers-folder is '{folder}', and there is no such folder. Build the peers with perf/peers/build.sh, or leave the option away.");
        _folder = folder ?? FindUpwards(s_place);
    }

    /// <summary>The words for the installed peers on the command line.</summary>
    public IEnumerable<string> Installed
        => _folder is null ? [] : Directory.EnumerateFiles(_folder).Where(IsExecutable).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!;

    /// <summary>Asks a peer who it is.</summary>
    /// <exception cref="ContenderException">It does not say so.</exception>
    public Contender Open(string key, TimeSpan patience)
    {
        string path = Directory.EnumerateFiles(_folder!).First(file => IsExecutable(file) && string.Equals(Path.GetFileNameWithoutExtension(file), key, StringComparison.Ordinal));
        var stranger = new Contender(key, [path], static _ => true);
        using var process = ContenderProcess.Start(stranger);
        var hello = process.ReadHello(patience);
        var workloads = hello.Workloads.ToHashSet(StringComparer.Ordinal);
        return new Contender(hello.Peer, [path], workload => workloads.Contains(workload.Name)) { Version = hello.Version };
    }

    private static bool IsExecutable(string path)
        => OperatingSystem.IsWindows()
            ? Path.GetExtension(path).ToUpperInvariant() is ".EXE" or ".CMD" or ".BAT"
            : File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute);

    /// <summary>A folder of the checkout that this program was built in; null if it is not there.</summary>
    public static string? FindUpwards(string place)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string found = Path.Combine(folder.FullName, place);
            if (Directory.Exists(found))
                return found;
        }

        return null;
    }
}
