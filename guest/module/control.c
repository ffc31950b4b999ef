// SPDX-License-Identifier: GPL-2.0-or-later
// SPDX-FileCopyrightText: 2026 The qemu-teeio authors
/*
 * A control file: a command line is written, then the reply is read from the
 * same open file.
 */
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "teeio_guest.h"

struct teeio_session {
    struct teeio_control *control;
    struct teeio_reply reply;
};

int teeio_ok(struct teeio_reply *reply, const char *format, ...)
{
    size_t size = sizeof(reply->text) - 1;
    va_list args;
    int length;

    length = scnprintf(reply->text, size, "ok ");
    va_start(args, format);
    length += vscnprintf(reply->text + length, size - length, format, args);
    va_end(args);
    strcpy(reply->text + length, "\n");
    return 0;
}

int teeio_done(struct teeio_reply *reply)
{
    strcpy(reply->text, "ok\n");
    return 0;
}

int teeio_fail(struct teeio_reply *reply, int error, const char *why)
{
    char name[TEEIO_NAME_SIZE];

    /* The kernel names errors with their sign. */
    snprintf(name, sizeof(name), "%pe", ERR_PTR(-error));
    snprintf(reply->text, sizeof(reply->text), "error errno=%s why=%s\n",
             name + 1, why);
    return -error;
}

const char *teeio_option(const struct teeio_words *words, const char *key)
{
    size_t length = strlen(key);
    unsigned int i;

    for (i = 0; i < words->options; i++) {
        if (!strncmp(words->option[i], key, length) &&
            words->option[i][length] == '=') {
            return words->option[i] + length + 1;
        }
    }
    return NULL;
}

int teeio_number(const struct teeio_words *words, const char *key, u64 most,
                 u64 *value)
{
    const char *text = teeio_option(words, key);
    u64 number;

    if (!text) {
        return 0;
    }
    if (kstrtou64(text, 0, &number) || number > most) {
        return -EINVAL;
    }
    *value = number;
    return 0;
}

static bool teeio_split(char *line, const char **name,
                        struct teeio_words *words)
{
    char *token;

    *name = NULL;
    while ((token = strsep(&line, " \t\n"))) {
        if (!*token) {
            continue;
        }
        if (!*name) {
            *name = token;
        } else if (strchr(token, '=')) {
            if (words->options == TEEIO_MAX_WORDS) {
                return false;
            }
            words->option[words->options++] = token;
        } else {
            if (words->words == TEEIO_MAX_WORDS) {
                return false;
            }
            words->word[words->words++] = token;
        }
    }
    return *name;
}

static bool teeio_options_known(const struct teeio_command *command,
                                const struct teeio_words *words)
{
    unsigned int known = 0;
    unsigned int i;

    for (i = 0; i < TEEIO_MAX_WORDS && command->options[i]; i++) {
        known += !!teeio_option(words, command->options[i]);
    }
    return known == words->options;
}

static void teeio_dispatch(struct teeio_control *control, char *line,
                           struct teeio_reply *reply)
{
    const struct teeio_command *command;
    struct teeio_words words = {0};
    const char *name;
    size_t i;

    if (!teeio_split(line, &name, &words)) {
        teeio_fail(reply, EINVAL, "bad-line");
        return;
    }
    for (i = 0; i < control->count; i++) {
        command = &control->commands[i];
        if (strcmp(command->name, name)) {
            continue;
        }
        if (words.words < command->least || words.words > command->most) {
            teeio_fail(reply, EINVAL, "wrong-number-of-words");
        } else if (!teeio_options_known(command, &words)) {
            teeio_fail(reply, EINVAL, "unknown-option");
        } else {
            command->run(control->context, &words, reply);
        }
        return;
    }
    teeio_fail(reply, EINVAL, "unknown-command");
}

static int teeio_control_open(struct inode *inode, struct file *file)
{
    struct teeio_session *session;

    session = kzalloc(sizeof(*session), GFP_KERNEL);
    if (!session) {
        return -ENOMEM;
    }
    session->control = inode->i_private;
    file->private_data = session;
    return 0;
}

static int teeio_control_release(struct inode *inode, struct file *file)
{
    kfree(file->private_data);
    return 0;
}

/* The position stays, so that a plain read() finds the reply's beginning. */
static ssize_t teeio_control_write(struct file *file, const char __user *from,
                                   size_t size, loff_t *position)
{
    struct teeio_session *session = file->private_data;
    struct teeio_control *control = session->control;
    char *line;

    if (size >= TEEIO_LINE_SIZE) {
        return -E2BIG;
    }
    line = memdup_user_nul(from, size);
    if (IS_ERR(line)) {
        return PTR_ERR(line);
    }
    mutex_lock(&control->lock);
    teeio_dispatch(control, line, &session->reply);
    *position = 0;
    mutex_unlock(&control->lock);
    kfree(line);
    return size;
}

static ssize_t teeio_control_read(struct file *file, char __user *to,
                                  size_t size, loff_t *position)
{
    struct teeio_session *session = file->private_data;
    ssize_t ret;

    mutex_lock(&session->control->lock);
    ret = simple_read_from_buffer(to, size, position, session->reply.text,
                                  strlen(session->reply.text));
    mutex_unlock(&session->control->lock);
    return ret;
}

const struct file_operations teeio_control_ops = {
    .owner = THIS_MODULE,
    .open = teeio_control_open,
    .release = teeio_control_release,
    .write = teeio_control_write,
    .read = teeio_control_read,
    .llseek = default_llseek,
};
