namespace Qi.Actors.IO;

/// <summary>What is known about a file or a folder.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="IsFolder">True for a folder, and for a link to one.</param>
/// <param name="IsLink">True for a symbolic link.</param>
/// <param name="Length">How long a file is; 0 for a folder. <b>Units</b>: bytes.</param>
/// <param name="LastWriteTimeUtc">When it was last written to.</param>
public readonly record struct FileEntry(string Path, bool IsFolder, bool IsLink, long Length, DateTime LastWriteTimeUtc);
