using System.Runtime.Versioning;
using System.Text;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>Walks, copies and replacements.</summary>
internal sealed class FileTreeTests
{
    private TestSystem _system = null!;
    private Folder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _system = new TestSystem();
        _folder = new Folder();
    }

    [TearDown]
    public async Task TearDown()
    {
        _folder.Dispose();
        await _system.DisposeAsync();
    }

    [TestCase(0)]
    [TestCase(256)]
    [TestCase(700)]
    public async Task Walk_OfManyFiles_GivesEachOnce(int count)
    {
        Directory.CreateDirectory(_folder["below"]);
        var expected = new List<string>();
        for (int i = 0; i < count; i++)
            expected.Add(_folder.Write(i % 2 == 0 ? $"{i}.txt" : Path.Combine("below", $"{i}.txt"), new byte[i]));
        _folder.Write("other.bin", [1]);

        var found = new List<FileEntry>();
        await foreach (var entry in FileTree.WalkAsync(_system.Actors, _folder.Root, "*.txt"))
            found.Add(entry);

        Assert.That(found.Select(entry => entry.Path), Is.EquivalentTo(expected));
        Assert.That(found.Sum(entry => entry.Length), Is.EqualTo(count * (count - 1) / 2));
        Assert.That(found.Any(entry => entry.IsFolder), Is.False);
    }

    [Test]
    public async Task Walk_OverALinkToAFolder_FollowsItWithOptionsOnly([Values] bool hasOptions)
    {
        Directory.CreateDirectory(_folder["real"]);
        Directory.CreateSymbolicLink(_folder["real/link"], _folder["aside"]);
        Directory.CreateDirectory(_folder["aside"]);
        _folder.Write("aside/x", []);
        var options = hasOptions ? new EnumerationOptions { RecurseSubdirectories = true } : null;

        var found = new List<FileEntry>();
        await foreach (var entry in FileTree.WalkAsync(_system.Actors, _folder["real"], options: options))
            found.Add(entry);

        Assert.That(found.Select(entry => (entry.Path, entry.IsLink)), Is.EqualTo(
            hasOptions ? new[] { (_folder["real/link"], true), (_folder["real/link/x"], false) } : [(_folder["real/link"], true)]));
    }

    [Test]
    public async Task Walk_LeftInTheMiddle_LetsGoOfTheFolder()
    {
        for (int i = 0; i < 600; i++)
            _folder.Write($"{i}", []);

        await foreach (var entry in FileTree.WalkAsync(_system.Actors, _folder.Root))
        {
            Assert.That(entry.IsFolder, Is.False);
            break;
        }

        Assert.That(DescriptorsBelow(_folder.Root), Is.Zero);
    }

    [Test]
    public void Walk_OfNoFolder_SaysSo()
        => Assert.That(
            async () =>
            {
                await foreach (var entry in FileTree.WalkAsync(_system.Actors, _folder["none"]))
                    Assert.Fail(entry.Path);
            },
            Throws.TypeOf<DirectoryNotFoundException>());

    [Test]
    public async Task Walk_WhenCancelled_Ends()
    {
        for (int i = 0; i < 10; i++)
            _folder.Write($"{i}", []);
        using var cancel = new CancellationTokenSource();
        int seen = 0;

        Assert.That(
            async () =>
            {
                await foreach (var entry in FileTree.WalkAsync(_system.Actors, _folder.Root, cancellationToken: cancel.Token))
                {
                    seen++;
                    await cancel.CancelAsync();
                }
            },
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(seen, Is.EqualTo(1));
    }

    [Test]
    public async Task Replace_PutsNewContentInPlace_AndKeepsTheRights()
    {
        string path = _folder.Write("x", [1, 2, 3]);
        const UnixFileMode Rights = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, Rights);
        using var before = File.OpenRead(path);

        await FileTree.ReplaceAsync(_system.Actors, path, "new"u8.ToArray());

        Assert.That(File.ReadAllText(path), Is.EqualTo("new"));
        Assert.That(before.ReadByte(), Is.EqualTo(1), "one who had it open keeps the old content");
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(path), Is.EqualTo(Rights));
        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Has.Length.EqualTo(1));
    }

    [Test]
    public void Replace_ThatFails_LeavesTheOldContentAndNothingBeside()
    {
        string path = _folder.Write("x", [1, 2, 3]);

        Assert.That(
            async () => await FileTree.ReplaceAsync(
                _system.Actors,
                path,
                async (file, token) =>
                {
                    await file.WriteAtAsync(Encoding.UTF8.GetBytes("half"), 0, token);
                    throw new InvalidDataException("no more");
                }),
            Throws.TypeOf<InvalidDataException>());

        Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Has.Length.EqualTo(1));
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public async Task Replace_OfAFileForItsOwnerOnly_ShowsTheNewContentToNobodyElse()
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        string path = _folder.Write("x", [1, 2, 3]);
        File.SetUnixFileMode(path, OwnerOnly);
        UnixFileMode? meanwhile = null;

        await FileTree.ReplaceAsync(_system.Actors, path, async (file, token) =>
        {
            meanwhile = File.GetUnixFileMode(file.Path);
            await file.WriteAtAsync("secret"u8.ToArray(), 0, token);
        });

        Assert.That((meanwhile, File.GetUnixFileMode(path)), Is.EqualTo((OwnerOnly, OwnerOnly)));
    }

    [Test]
    public async Task Replace_WhoseSystemStopsMeanwhile_SaysWhatFailedFirst_AndLeavesNothingBeside()
    {
        string path = _folder.Write("x", [1]);
        var system = new TestSystem();

        Assert.That(
            async () => await FileTree.ReplaceAsync(
                system.Actors,
                path,
                async (_, _) =>
                {
                    await system.DisposeAsync();
                    throw new InvalidDataException("no more");
                }),
            Throws.TypeOf<InvalidDataException>());

        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Is.EqualTo(new[] { path }));
    }

    [Test]
    public async Task Replace_WithAFileThatCannotBeServed_LeavesNothingBeside([Values] bool isThere)
    {
        string path = isThere ? _folder.Write("x", [1]) : _folder["x"];
        static Reactor Fail() => throw new InvalidDataException("no reactor");
        await using var system = new TestSystem(new QiActorsOptions
        {
            WorkerThreads = 1,
            ReactorPlan = () => new ReactorPlan(ReactorKind.Epoll, IsThreadBound: true, IsNonBlocking: true, "a test says so.", Fail),
        });

        Assert.That(async () => await FileTree.ReplaceAsync(system.Actors, path, new byte[] { 2 }), Throws.TypeOf<InvalidDataException>());

        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Has.Length.EqualTo(isThere ? 1 : 0));
    }

    [Test]
    public async Task CopyMoveDelete_DoWhatTheySay()
    {
        string path = _folder.Write("x", Wire.Pattern(100_000));
        await FileTree.CopyAsync(_system.Actors, path, _folder["copy"]);
        Assert.That(async () => await FileTree.CopyAsync(_system.Actors, path, _folder["copy"]), Throws.TypeOf<IOException>());
        await FileTree.MoveAsync(_system.Actors, _folder["copy"], _folder["moved"]);

        Assert.That(File.ReadAllBytes(_folder["moved"]), Is.EqualTo(Wire.Pattern(100_000)));
        Assert.That((await FileTree.GetAsync(_system.Actors, _folder["moved"]))!.Value.Length, Is.EqualTo(100_000));
        Assert.That(await FileTree.GetAsync(_system.Actors, _folder["copy"]), Is.Null);

        Directory.CreateDirectory(_folder["full/of/folders"]);
        Assert.That((await FileTree.GetAsync(_system.Actors, _folder["full"]))!.Value.IsFolder, Is.True);
        await FileTree.DeleteAsync(_system.Actors, _folder["full"]);
        await FileTree.DeleteAsync(_system.Actors, _folder["moved"]);
        await FileTree.DeleteAsync(_system.Actors, _folder["not/there"]);
        Assert.That(Directory.GetFileSystemEntries(_folder.Root), Is.EqualTo(new[] { path }));
    }

    [Test]
    public async Task Delete_OfALinkToAFolder_LeavesTheFolder()
    {
        Directory.CreateDirectory(_folder["real"]);
        _folder.Write("real/x", [1]);
        Directory.CreateSymbolicLink(_folder["link"], _folder["real"]);

        await FileTree.DeleteAsync(_system.Actors, _folder["link"]);

        Assert.That(File.Exists(_folder["real/x"]), Is.True);
        Assert.That(Directory.Exists(_folder["link"]), Is.False);
    }

    private static int DescriptorsBelow(string folder)
        => OperatingSystem.IsLinux()
            ? Directory.GetFileSystemEntries("/proc/self/fd").Count(link => new FileInfo(link).LinkTarget?.StartsWith(folder, StringComparison.Ordinal) == true)
            : 0;
}
