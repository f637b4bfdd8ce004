// Counts the words of text files through a mesh of stock dataflow blocks and Qi actors, and checks the counts.

using System.Diagnostics;

using Qi.Actors;

using WordCount;

if (args is ["--help" or "-h" or "-?"])
{
    Console.WriteLine("""
        WordCount [FOLDER]

        Counts the words of all text files in the folder and below it. Without a folder: the Markdown files of the repository
        that this program was built from, or that the current folder is in.

        Exit code: 0 if the mesh counted what a plain loop counts, 1 if not, 2 if the arguments are wrong.
        """);
    return 0;
}

if (args.Length > 1 || args is [['-', ..]])
    return Refuse($"WordCount takes one folder, not '{string.Join(' ', args)}'.");
string? folder = args is [var given] ? given : TextFiles.FindRepository();
if (folder is null)
    return Refuse("There is no repository here to count the words of: name a folder.");
if (!Directory.Exists(folder))
    return Refuse($"There is no folder '{folder}'.");

await using var system = new ActorSystem();
var files = await TextFiles.FindAsync(system, folder, args.Length == 0 ? "*.md" : "*");
if (files.Count == 0)
    return Refuse($"There are no text files in '{folder}'.");

var clock = Stopwatch.StartNew();
var counts = await Mesh.CountAsync(system, files);
var meshTime = clock.Elapsed;

clock.Restart();
var expected = SequentialCount.Count(files);
var sequentialTime = clock.Elapsed;

Console.WriteLine($"{files.Count:N0} files, {counts.Values.Sum():N0} words, {counts.Count:N0} different ones");
foreach (var (word, count) in counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).Take(10))
    Console.WriteLine($"{count,9:N0}  {word}");
Console.WriteLine($"mesh {meshTime.TotalMilliseconds:N0} ms, plain loop {sequentialTime.TotalMilliseconds:N0} ms");

bool isRight = counts.Count == expected.Count && expected.All(pair => counts.GetValueOrDefault(pair.Key) == pair.Value);
Console.WriteLine(isRight ? "ok: both counted the same" : "WRONG: the mesh and the plain loop counted differently");
return isRight ? 0 : 1;

static int Refuse(string message)
{
    Console.Error.WriteLine($"{message} WordCount --help says more.");
    return 2;
}
