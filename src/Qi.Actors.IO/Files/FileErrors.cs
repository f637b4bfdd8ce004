using System.ComponentModel;

namespace Qi.Actors.IO;

/// <summary>Failures of files in the framework's exceptions, with what was done, how much, where and to which file.</summary>
internal static class FileErrors
{
    private const int FileTooLarge = 27;

    /// <summary>"Writing 4096 bytes at 8192 of /data/x".</summary>
    public static string Sentence(string verb, long? count, long? offset, string path)
    {
        string where = offset is null ? "" : $" at {offset}";
        return count is null ? $"{verb} {path}" : $"{verb} {count} bytes{where} of {path}";
    }

    /// <summary>The exception for an error number, as the framework chooses it.</summary>
    public static Exception Of(int error, string sentence, string path)
    {
        string text = $"{sentence} failed: {new Win32Exception(error).Message}.";
        return error switch
        {
            2 => new FileNotFoundException(text, path),
            20 => new DirectoryNotFoundException(text),
            1 or 9 or 13 => new UnauthorizedAccessException(text), // EPERM, EBADF (not opened for this), EACCES
            36 => new PathTooLongException(text),
            _ => new IOException(text, error),
        };
    }

    /// <summary>The file system has no files of this length.</summary>
    public static IOException TooLarge(Exception inner, string sentence) => new($"{sentence} failed: {inner.Message}", inner) { HResult = FileTooLarge };

    /// <summary>The framework's own exception, with the sentence.</summary>
    public static IOException Describe(IOException inner, string sentence)
    {
        int path = inner.Message.LastIndexOf(" : '", StringComparison.Ordinal); // which the sentence has already
        string reason = path < 0 ? inner.Message : $"{inner.Message[..path]}.";
        return new IOException($"{sentence} failed: {reason}", inner) { HResult = inner.HResult };
    }

    /// <summary>The file was not opened for this.</summary>
    public static UnauthorizedAccessException NotOpenedFor(FileAccess needed, string sentence)
        => new($"{sentence} failed: the file was not opened for it. Open it with FileAccess.{needed} or ReadWrite.");
}
