namespace Qi.Actors.Load.Soak.Io;

/// <summary>A folder of an episode's own, deleted after it.</summary>
internal sealed class Scratch : IDisposable
{
    /// <summary>Where the folders of this process are.</summary>
    public static string Parent { get; } = Path.Combine(Path.GetTempPath(), $"qi-io-soak-{Environment.ProcessId}");

    public Scratch() => Root = Directory.CreateDirectory(Path.Combine(Parent, Guid.NewGuid().ToString("N")[..12])).FullName;

    public string Root { get; }

    public string this[string name] => Path.Combine(Root, name);

    public void Dispose()
    {
        Directory.Delete(Root, recursive: true);
        try
        {
            Directory.Delete(Parent);
        }
        catch (IOException)
        {
            // Another episode has its folder there.
        }
    }
}
