using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>What failures say, on each reactor.</summary>
[TestFixture(ReactorChoice.Epoll)]
[TestFixture(ReactorChoice.Uring)]
[Platform("Linux")]
internal sealed class FileErrorTests(ReactorChoice reactor)
{
    private const int NoRoom = 28; // ENOSPC

    private TestSystem _system = null!;
    private Folder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        try
        {
            _system = new TestSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = reactor });
        }
        catch (Microsoft.Extensions.Options.OptionsValidationException e)
        {
            Assert.Ignore(e.Message);
        }

        _folder = new Folder();
    }

    [TearDown]
    public async Task TearDown()
    {
        if (_folder is null)
            return;
        _folder.Dispose();
        await _system.DisposeAsync();
    }

    [Test]
    public void Open_OfWhatIsNotThere_SaysSo()
    {
        Assert.That(async () => await AsyncFile.OpenAsync(_system.Actors, _folder["none"]), Throws.TypeOf<FileNotFoundException>().With.Message.Contains(_folder["none"]));
        Assert.That(async () => await AsyncFile.OpenAsync(_system.Actors, _folder["none/x"]), Throws.TypeOf<DirectoryNotFoundException>());
        Assert.That(async () => await AsyncFile.OpenAsync(_system.Actors, _folder.Root), Throws.TypeOf<UnauthorizedAccessException>());
        Assert.That(
            async () => await AsyncFile.OpenAsync(_system.Actors, _folder["x"], FileMode.Append, FileAccess.Write),
            Throws.ArgumentException.With.Message.Contains("AppendAsync"));
    }

    [Test]
    public void Replacing_AndWatching_WhereNothingIs_NameThePathThatWasGiven()
    {
        string path = _folder["none/x"];
        Assert.That(async () => await FileTree.ReplaceAsync(_system.Actors, path, new byte[1]), Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains($"Replacing {path} failed"));
        Assert.That(async () => await FileWatcher.StartAsync(_system.Actors, path), Throws.TypeOf<FileNotFoundException>().With.Message.Contains(path));
    }

    [TestCase(UnixFileMode.None, "a folder above")]
    [TestCase(UnixFileMode.UserExecute, "through its folder, which must be readable")]
    public void Watching_InAFolderThatIsClosed_NamesTheFileAndSaysWhy(UnixFileMode rights, string why)
    {
        Assume.That(Environment.IsPrivilegedProcess, Is.False, "root may do everything");
        Directory.CreateDirectory(_folder["closed"]);
        string path = _folder.Write("closed/x", [1]);
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(_folder["closed"], rights);
        try
        {
            Assert.That(
                async () => await FileWatcher.StartAsync(_system.Actors, path),
                Throws.TypeOf<UnauthorizedAccessException>().With.Message.Contains($"Watching {path}").And.Message.Contains(why));
        }
        finally
        {
            if (OperatingSystem.IsLinux())
                File.SetUnixFileMode(_folder["closed"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Test]
    public async Task Open_OfWhatIsThereAndMustNotBe_Fails()
    {
        string path = _folder.Write("x", [1]);
        Assert.That(async () => await AsyncFile.OpenAsync(_system.Actors, path, FileMode.CreateNew, FileAccess.Write), Throws.TypeOf<IOException>());
        await using var file = await AsyncFile.OpenAsync(_system.Actors, path);
        Assert.That(_system.Actors.Pool.Reactors.OpenCount, Is.EqualTo(1));
    }

    [Test]
    public void Open_WithoutTheRight_IsRefused()
    {
        Assume.That(Environment.IsPrivilegedProcess, Is.False, "root may do everything");
        string path = _folder.Write("x", [1]);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.That(async () => await AsyncFile.OpenAsync(_system.Actors, path), Throws.TypeOf<UnauthorizedAccessException>());
    }

    [Test]
    public async Task Access_ThatTheFileWasNotOpenedFor_IsRefused()
    {
        string path = _folder.Write("x", [1]);
        await using var reader = await AsyncFile.OpenAsync(_system.Actors, path, share: FileShare.ReadWrite);
        await using var writer = await AsyncFile.OpenAsync(_system.Actors, path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

        Assert.That(async () => await reader.WriteAtAsync(new byte[1], 0), Refuses($"Writing 1 bytes at 0 of {path} failed: the file was not opened for it. Open it with FileAccess.Write"));
        Assert.That(async () => await reader.AppendAsync(new byte[1]), Refuses("Appending 1 bytes"));
        Assert.That(async () => await reader.SetLengthAsync(0), Refuses("Setting the length to 0"));
        Assert.That(async () => await writer.ReadAtAsync(new byte[1], 0), Refuses("FileAccess.Read or ReadWrite."));

        static NUnit.Framework.Constraints.IResolveConstraint Refuses(string words) => Throws.TypeOf<UnauthorizedAccessException>().With.Message.Contains(words);
    }

    [Test]
    public async Task Write_WithoutRoomOnTheDisk_SaysWhatAndWhere()
    {
        await using var full = await AsyncFile.OpenAsync(_system.Actors, "/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

        var thrown = (await Assert.CatchAsync<IOException>(async () => await full.WriteAtAsync(new byte[100], 4096)))!;

        Assert.That(thrown.Message, Is.EqualTo("Writing 100 bytes at 4096 of /dev/full failed: No space left on device."));
        Assert.That(thrown.HResult, Is.EqualTo(NoRoom));
    }

    [Test]
    public async Task Append_WithoutRoomOnTheDisk_SaysWhatAndWhere()
    {
        await using var full = await AsyncFile.OpenAsync(_system.Actors, "/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

        var thrown = (await Assert.CatchAsync<IOException>(async () => await full.AppendAsync(new byte[100])))!;

        Assert.That(thrown.Message, Does.Contain("Appending 100 bytes of /dev/full"));
        Assert.That(thrown.HResult, Is.EqualTo(NoRoom));
    }

    [Test]
    public async Task Ranges_OutsideOfAnyFile_AreNamed()
    {
        await using var file = await AsyncFile.OpenAsync(_system.Actors, _folder["x"], FileMode.Create, FileAccess.ReadWrite);

        Assert.That(() => file.ReadAtAsync(new byte[1], -1), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("-1"));
        Assert.That(() => file.WriteAtAsync(new byte[2], long.MaxValue), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => file.SetLengthAsync(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await file.WriteAtAsync(new byte[2], long.MaxValue - 2), Throws.InstanceOf<IOException>()); // EFBIG, or EINVAL
    }

    [TestCase(2, typeof(FileNotFoundException))]
    [TestCase(5, typeof(IOException))]
    [TestCase(13, typeof(UnauthorizedAccessException))]
    [TestCase(20, typeof(DirectoryNotFoundException))]
    [TestCase(27, typeof(IOException))]
    [TestCase(36, typeof(PathTooLongException))]
    public void Of_AnErrorNumber_IsTheFrameworksException(int error, Type expected)
        => Assert.That(FileErrors.Of(error, FileErrors.Sentence("Reading", 1, 2, "/x"), "/x"), Is.TypeOf(expected).With.Message.StartsWith("Reading 1 bytes at 2 of /x failed"));
}
