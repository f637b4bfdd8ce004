using System.Diagnostics;

using Qi.Actors.Load.Contenders;

namespace Qi.Actors.Load.Tests;

/// <summary>When all tests have ended, what was built for them is deleted.</summary>
[SetUpFixture]
internal sealed class PeersInCAreDeleted
{
    [OneTimeTearDown]
    public void Delete() => PeersInC.Delete();
}

/// <summary>The client, the servers and the peer in C, built for the tests; a test that needs them is skipped where there is no C compiler.</summary>
internal static class PeersInC
{
    private const int NoCompiler = 3;

    private static readonly Lazy<(string? Folder, string Reason)> s_built = new(Build);

    /// <summary>The folder that holds them.</summary>
    public static string Folder
    {
        get
        {
            if (s_built.Value.Folder is null)
                Assert.Ignore(s_built.Value.Reason);
            return s_built.Value.Folder!;
        }
    }

    public static void Delete()
    {
        if (s_built is { IsValueCreated: true, Value.Folder: { } folder })
            Directory.Delete(folder, recursive: true);
    }

    private static (string? Folder, string Reason) Build()
    {
        string folder = Directory.CreateTempSubdirectory("qi-peers-").FullName;
        string? script = PeerFolder.FindUpwards(Path.Combine("perf", "peers", "c")) is { } place ? Path.Combine(place, "build.sh") : null;
        if (!OperatingSystem.IsLinux() || script is null)
            return (null, "The client and the servers in C are for Linux, and are built from a checkout.");
        using var process = Process.Start(new ProcessStartInfo("sh", [script, folder]) { UseShellExecute = false, RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == NoCompiler)
            return (null, errors.Trim());
        Assert.That(process.ExitCode, Is.Zero, errors);
        return (folder, "");
    }
}
