// The README's code, chapter by chapter. Each chapter runs it and checks what it did.

using Tour;

Chapter[] chapters =
[
    new("An actor in a host", HostChapter.RunAsync),
    new("Actors without a host", ActorChapter.RunAsync),
    new("Bounded mailboxes", MailboxChapter.RunAsync),
    new("Dataflow", DataflowChapter.RunAsync),
    new("Channels", ChannelChapter.RunAsync),
    new("Coroutines", CoroutineChapter.RunAsync),
    new("Combinators", CombinatorChapter.RunAsync),
    new("Sockets", SocketChapter.RunAsync),
    new("The runtime of the Qi specification", RuntimeChapter.RunAsync),
    new("Stopping", StoppingChapter.RunAsync),
    new("Blocking work", BlockingChapter.RunAsync),
];

foreach (var chapter in chapters)
{
    Console.WriteLine($"== {chapter.Title}");
    await chapter.RunAsync();
}

Console.WriteLine();
Console.WriteLine(Check.Failures == 0 ? $"All {Check.Count} checks passed." : $"{Check.Failures} of {Check.Count} checks FAILED.");
return Check.Failures == 0 ? 0 : 1;
