namespace Qi.Actors.Load.Soak.Io;

/// <summary>A folder of an episode's own, deleted after it.</summary>
internal sealed class Scratch : IDisposable
{
    /// <summary>What the paths of all such folders of this process begin with. None has a parent of its own: two episodes would delete and make it at once.</summary>
    public static string Beginning { get; } = Path.Combine(Path.GetTempPath(), $"qi-io-soak-{Environment.ProcessId}-");

    public Scratch() => Root = Directory.CreateDirectory($"{Beginning}{Guid.NewGuid().ToString("N")[..12]}").FullName;

    public string Root { get; }

    public string this[string name] => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
