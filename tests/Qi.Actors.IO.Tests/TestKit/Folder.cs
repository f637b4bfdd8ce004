namespace Qi.Actors.IO.Tests.TestKit;

/// <summary>A folder of its own for a test, deleted afterwards.</summary>
internal sealed class Folder : IDisposable
{
    /// <summary>Makes it below another one; below that for temporary files if null.</summary>
    public Folder(string? below = null) => Root = Directory.CreateDirectory(Path.Combine(below ?? Path.GetTempPath(), $"qi-{Guid.NewGuid():N}")).FullName;

    public string Root { get; }

    public string this[string name] => Path.Combine(Root, name);

    /// <summary>Writes a file; returns its path.</summary>
    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
