using System.Diagnostics;

namespace Qi.Actors.IO.Tests.TestKit;

/// <summary>A file system in memory with room for little, until it is disposed of. Needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly Folder _folder;

    /// <summary>Mounts it below a folder; below that for temporary files if null.</summary>
    public SmallDisk(int kibibytes, string? below = null)
    {
        _folder = new Folder(below);
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess || !TryRun("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "qi-test", _folder.Root))
        {
            _folder.Dispose();
            Assert.Ignore("A small file system can be mounted by root on Linux only, where that is not forbidden.");
        }
    }

    public string this[string name] => _folder[name];

    public void Dispose()
    {
        Assert.That(TryRun("umount", "--lazy", _folder.Root), Is.True, $"{_folder.Root} is still mounted.");
        _folder.Dispose();
    }

    /// <summary>Runs a command. False if it failed.</summary>
    public static bool TryRun(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        _ = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
